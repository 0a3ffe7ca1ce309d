"""The shell: the demo does the main job, and a command that is misused says so."""

import re
import subprocess
import sys

import pytest

import lightfield
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


WRONG_NUMBERS = {
    "--port": ["-1", "65536", "99999", "1.5", "x"],
    "--latency": ["-1", "3601", "1e400", "inf", "nan", "x"],
    "--opportunities": ["-1", "100001", "1e3", "9" * 30, "9" * 5000],
    "--seed": ["x", "1.5", "9" * 20, "-" + "9" * 26],
    "--rate-limit": ["-1", "0", "1.5", "x", "", "9" * 30],
    "--index-lag": ["-1", "3601", "x"],
    "--limiter": ["leaky"],
    "--api-key": ["", "a b", "a\n", "ä"],
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
    (line,) = capsys.readouterr().err.splitlines()
    assert re.match(r"python -m lightfield( sandbox)?: error: ", line)


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{lightfield.__version__}\n"
