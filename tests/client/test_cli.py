"""The shell: the demo does the main job, the sandbox serves other programs."""

import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest

import lightfield
from lightfield import Lightfield
from lightfield.cli import main

WITHOUT_RICH = "import sys; sys.modules['rich'] = None; from lightfield.cli import main; sys.exit(main(sys.argv[1:]))"
LAUNCHERS = {"rich": ["-m", "lightfield"], "plain": ["-c", WITHOUT_RICH]}


@pytest.mark.parametrize("launcher", LAUNCHERS.values(), ids=LAUNCHERS)
def test_the_demo_fetches_every_opportunity_unthrottled(launcher: list[str]) -> None:
    command = [sys.executable, "-W", "error", *launcher, "demo", "--opportunities", "40", "--seed", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stderr) == (0, "")
    *table, summary = done.stdout.strip().splitlines()
    assert re.fullmatch(r"fetched 40, failed 0, \d+\.\d s, \d+\.\d requests/s, throttled 0", summary)
    for heading in ("name", "stage", "amount", "close date", "account"):
        assert heading in done.stdout
    assert sum("acc_" in line for line in table) == 10
    assert "... and 30 more" in table


def test_the_demo_of_an_empty_sandbox_is_no_failure() -> None:
    command = [sys.executable, "-m", "lightfield", "demo", "--opportunities", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0
    assert done.stdout.strip().splitlines()[-1].startswith("fetched 0, failed 0")


@contextmanager
def serving(*options: str) -> Generator[tuple[subprocess.Popen[str], dict[str, str]], None, None]:
    command = [sys.executable, "-m", "lightfield", "sandbox", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            settings = dict(line.strip().split("=", 1) for line in (next(lines), next(lines)))
            yield process, settings
        finally:
            process.kill()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_command_serves_until_it_is_told_to_stop(end: signal.Signals) -> None:
    with serving("--port", "0", "--opportunities", "1") as (process, settings):
        assert process.stdout is not None
        id = process.stdout.readline().rsplit("/", 1)[-1].strip()
        with Lightfield(api_key=settings["LIGHTFIELD_API_KEY"], base_url=settings["LIGHTFIELD_BASE_URL"]) as client:
            assert client.opportunity.retrieve(id).id == id
        process.send_signal(end)
        assert process.wait(10) == 0


def test_a_port_in_use_is_said_in_one_line() -> None:
    with serving("--port", "0") as (_, settings):
        port = settings["LIGHTFIELD_BASE_URL"].rsplit(":", 1)[-1]
        command = [sys.executable, "-m", "lightfield", "sandbox", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 1
    assert port in done.stderr
    assert done.stderr.count("\n") == 1


WRONG_NUMBERS = {
    "--port": ["-1", "65536", "99999", "1.5", "x"],
    "--latency": ["-1", "3601", "1e400", "inf", "nan", "x"],
    "--opportunities": ["-1", "100001", "1e3", "9" * 30, "9" * 5000],
    "--seed": ["x", "1.5", "9" * 20, "-" + "9" * 26],
}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["demo", "--port", "1"],
        *(["sandbox", option, number] for option, numbers in WRONG_NUMBERS.items() for number in numbers),
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_a_misused_command_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    *_, last = capsys.readouterr().err.splitlines()
    assert re.match(r"python -m lightfield( sandbox)?: error: ", last)


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{lightfield.__version__}\n"
