"""``python -m lightfield sandbox`` as a program: what it prints, what its options do, and how it ends."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lightfield import AuthenticationError, BadRequestError, Lightfield
from tests.client.serving import Served, serving

ROOT = Path(__file__).parents[2]
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PATIENCE = 20.0
HEADERS = {"Authorization": "Bearer sk_lf_sandbox", "Lightfield-Version": "2026-03-01"}


def client_of(served: Served) -> Lightfield:
    return Lightfield(api_key=served.api_key, base_url=served.base_url)


def listing(served: Served) -> http.client.HTTPResponse:
    """Request a page without a client of ours."""
    with closing(http.client.HTTPConnection(served.base_url.removeprefix("http://"), timeout=10)) as connection:
        connection.request("GET", "/v1/opportunities?limit=1&%24name%5Bequal%5D=secret", headers=HEADERS)
        response = connection.getresponse()
        response.read()
        return response


def ended(*options: str) -> tuple[int, str]:
    """Run a sandbox that cannot start; give its exit code and what it said."""
    command = [sys.executable, "-m", "lightfield", "sandbox", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--opportunities", "3") as running:
        yield running


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
@pytest.mark.parametrize("key", ["sk_lf_sandbox", "it's&$HOME`\"\\;#"])
def test_its_output_can_be_pasted_into_a_shell(key: str) -> None:
    with serving("--opportunities", "1", "--api-key", key) as served:
        program = "from lightfield import Lightfield; print(len(Lightfield().opportunity.list(limit=1).data))"
        script = "".join(served.lines) + f'exec "{sys.executable}" -c "{program}"'
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LIGHTFIELD_")}
        done = subprocess.run(
            ["sh", "-eu"], input=script, env=clean, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize("page", ["docs/tutorial.md", "README.md"])
def test_a_page_runs_as_it_stands(page: str, tmp_path: Path) -> None:
    program = "\n".join(SNIPPET.findall((ROOT / page).read_text("utf-8")))
    with serving("--api-key", "sk_lf_...", "--rate-limit", "none") as served:
        command = [sys.executable, "-W", "error", "-c", program]
        environment = os.environ | served.variables
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_ids_it_prints_are_there(served: Served) -> None:
    ids = [line.rsplit("/", 1)[-1].strip() for line in served.lines if line.startswith("# GET")]
    with client_of(served) as client:
        assert [client.opportunity.retrieve(id).id for id in ids] == ids
    assert len(ids) == 3


def test_it_is_limited_like_the_api(served: Served) -> None:
    assert listing(served).headers["X-RateLimit-Limit"] == "25"


def test_the_rate_limit_can_be_chosen() -> None:
    with serving("--rate-limit", "3", "--limiter", "sliding") as served:
        assert listing(served).headers["X-RateLimit-Limit"] == "3"


def test_the_rate_limit_can_be_lifted() -> None:
    with serving("--rate-limit", "none") as served:
        assert listing(served).headers["X-RateLimit-Limit"] is None


def test_only_the_chosen_key_is_accepted() -> None:
    with serving("--api-key", "sk_mine") as served:
        assert served.api_key == "sk_mine"
        with client_of(served) as client:
            assert client.opportunity.list(limit=1).data
        with (
            Lightfield(api_key="sk_lf_sandbox", base_url=served.base_url) as stranger,
            pytest.raises(AuthenticationError),
        ):
            stranger.opportunity.list(limit=1)


def test_unknown_members_are_refused_unless_it_is_not_strict(served: Served) -> None:
    body = {"fields": {"$name": "Acme"}, "colour": "green"}
    with client_of(served) as client, pytest.raises(BadRequestError, match="colour"):
        client.request("POST", "/v1/accounts", body=body)
    with serving("--no-strict") as tolerant, client_of(tolerant) as client:
        assert client.request("POST", "/v1/accounts", body=body)


def test_lists_show_a_write_after_the_lag() -> None:
    with serving("--index-lag", "600") as served, client_of(served) as client:
        before = client.account.list(limit=1).total_count
        account = client.account.create(fields={"$name": "Acme"})
        assert client.account.retrieve(account.id).id == account.id
        assert client.account.list(limit=1).total_count == before


def test_a_response_takes_the_latency() -> None:
    with serving("--latency", "0.2") as served:
        started = time.monotonic()
        listing(served)
        assert time.monotonic() - started >= 0.2


def test_what_was_written_is_there_after_kill_9(tmp_path: Path) -> None:
    store = str(tmp_path / "crm.sqlite")
    with serving("--store", store, "--opportunities", "2") as served, client_of(served) as client:
        account = client.account.create(fields={"$name": "Acme"})
        opportunities = client.opportunity.list().total_count
        served.process.kill()
        served.process.wait(PATIENCE)
    with serving("--store", store) as served, client_of(served) as client:
        assert client.account.retrieve(account.id).text("$name") == "Acme"
        assert client.opportunity.list().total_count == opportunities


def test_requests_are_shown_without_what_is_secret() -> None:
    with serving("--log", "--opportunities", "1") as served:
        with client_of(served) as client:
            file = client.file.upload(b"hello", filename="hello.txt")
        listing(served)
        served.process.send_signal(signal.SIGTERM)
        _, log = served.process.communicate(timeout=PATIENCE)
    assert [re.sub(r" \d+\.\d ms$", "", line) for line in log.splitlines()] == [
        "POST /v1/files 200",
        f"PUT /storage/{file.id} 200",
        f"POST /v1/files/{file.id}/complete 200",
        "GET /v1/opportunities 200",
    ]


def test_requests_are_not_shown_without_being_asked_for() -> None:
    with serving("--opportunities", "1") as served:
        listing(served)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.communicate(timeout=PATIENCE) == ("", "")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_also_during_a_request(end: signal.Signals) -> None:
    with serving("--latency", "600") as served:
        connection = http.client.HTTPConnection(served.base_url.removeprefix("http://"), timeout=PATIENCE)
        with closing(connection):
            connection.request("GET", "/v1/opportunities", headers=HEADERS)
            served.process.send_signal(end)
            assert served.process.communicate(timeout=PATIENCE) == ("", "")
        assert served.process.returncode == 0


def test_a_port_in_use_is_said_in_one_line(served: Served) -> None:
    port = served.base_url.rsplit(":", 1)[-1]
    code, said = ended("--port", port)
    assert code == 1
    assert re.fullmatch(rf"python -m lightfield: error: .*{port}.*\n", said)


@pytest.mark.parametrize("store", ["nowhere/crm.sqlite", "folder", "text.txt"])
def test_a_store_that_cannot_be_opened_is_said_in_one_line(store: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("This is not a database. " * 100)
    code, said = ended("--port", "0", "--store", str(tmp_path / store))
    assert code == 1
    assert re.fullmatch(r"python -m lightfield: error: .*\n", said)


@pytest.mark.parametrize("option", ["--latency", "--index-lag"])
def test_two_dashes_are_no_value(option: str) -> None:
    code, said = ended("--port", "0", f"{option}=--")
    assert code == 2
    assert said.count("\n") == 1
