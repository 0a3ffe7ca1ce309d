"""Do the parts that run the official SDK's tests find what is wrong? Without Node.js and without the network."""

import socket
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgspec
import pytest
from aiohttp import ClientSession
from yarl import URL

from lightfield import models, types
from tests.client.both import awaited
from tests.contract.build import documents
from tests.contract.facts import OPERATIONS, Operation
from tests.contract.server import Answering
from tests.official import acting, scenario
from tests.official.description import description
from tests.official.matching import assert_matches_type
from tests.official.mock import HOST, MockError, mocking
from tests.official.recorder import Received, differences, recording
from tests.official.run import TESTS
from tests.official.suite import lay_out, passed

NOTE = Received("POST", "/v1/notes", [], '{"a": 1}')


async def test_requests_are_noted_under_the_test_that_makes_them() -> None:
    with Answering() as target:
        target.document = {"é": 1}
        async with recording(target.base_url) as recorder, ClientSession(recorder.url) as session:
            await session.post("/begin", data="first")
            await session.get(URL(f"{recorder.url}/v1/a%7Eb?b=2&a=%C3%A9&b=1&c=", encoded=True))
            await session.post("/begin", data="second")
            await session.post("/v1/notes", json={})
            response = await session.post("/v1/notes", json={"b": [1.0, True], "a": {}}, headers={"X-Own": "1"})
            answer = await response.json()
            taken = recorder.take()
            assert recorder.take() == {}
    assert taken == {
        "first": [Received("GET", "/v1/a%7Eb", [("a", "é"), ("b", "2"), ("b", "1"), ("c", "")], "")],
        "second": [
            Received("POST", "/v1/notes", [], "{}"),
            Received("POST", "/v1/notes", [], '{"a": {}, "b": [1.0, true]}'),
        ],
    }
    assert (answer, response.status) == ({"é": 1}, 200)
    read, _, written = target.received
    assert (read.target, read.body) == ("/v1/a%7Eb?b=2&a=%C3%A9&b=1&c=", b"")
    assert (written.headers["x-own"], msgspec.json.decode(written.body)) == ("1", {"b": [1.0, True], "a": {}})


@pytest.mark.parametrize(
    "other",
    [
        [],
        [NOTE, NOTE],
        [NOTE._replace(method="PUT")],
        [NOTE._replace(path="/v1/note")],
        [NOTE._replace(query=[("a", "1")])],
        [NOTE._replace(body='{"a": 1.0}')],
        [NOTE._replace(body="")],
    ],
)
def test_every_difference_is_told(other: list[Received]) -> None:
    told = ["other", f"  official: {_line(NOTE)}", *(f"  ours: {_line(each)}" for each in other)]
    told += ["  ours: no request"] * (other == [])
    actual = {"same": [NOTE], "other": other, "more": [NOTE]}
    assert differences({"same": [NOTE], "other": [NOTE]}, actual) == ["\n".join(told)]


def _line(received: Received) -> str:
    return " ".join(map(str, received))


@pytest.mark.parametrize("fact", OPERATIONS, ids=lambda fact: fact.operation)
def test_documents_of_the_api_match_their_types(fact: Operation) -> None:
    type_: Any = getattr(types, fact.returns)
    for document in documents(fact.response, "full"):
        assert_matches_type(type_, msgspec.convert(document, type_), path=["response"])


def test_what_is_of_another_type_does_not_match() -> None:
    contact = models.Contact(id="1", created_at="", fields={}, relationships={})
    page = models.Page(data=[contact], object="list", total_count=1)
    assert_matches_type(types.ContactListResponse, page, path=["response"])
    with pytest.raises(AssertionError, match="response is "):
        assert_matches_type(types.ContactRetrieveResponse, page, path=["response"])
    with pytest.raises(AssertionError, match="response has parts"):
        assert_matches_type(types.AccountListResponse, page, path=["response"])
    wrong = msgspec.structs.replace(page, total_count="1")
    with pytest.raises(msgspec.ValidationError, match="totalCount"):
        assert_matches_type(types.ContactListResponse, wrong, path=["response"])


def test_only_for_our_package_the_texts_of_errors_are_free(tmp_path: Path) -> None:
    lines = """with pytest.raises(ValueError, match=r"Expected a non-empty value for `field_key` but received ''"):\n"""
    source = tmp_path / "source" / "tests"
    (source / "api_resources").mkdir(parents=True)
    (source / "api_resources" / "test_task.py").write_text(lines)
    (source / "utils.py").write_text("theirs")
    found: dict[bool, tuple[str, str]] = {}
    for ours in (False, True):
        lay_out(source.parent, folder := tmp_path / str(ours), ours=ours)
        tests = folder / "tests"
        found[ours] = (tests / "api_resources" / "test_task.py").read_text(), (tests / "utils.py").read_text("utf-8")
    assert found[False] == (lines, "theirs")
    assert found[True][0] == "with pytest.raises(ValueError):\n"
    assert "msgspec" in found[True][1]


def test_only_tests_without_fault_have_passed(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    faults = "".join(
        f'<testcase name="test_method_b"><{fault}/></testcase>' for fault in ("failure", "error", "skipped")
    )
    names = ("test_method_a[x]", "test_raw_response_a", "test_path_params_a", "test_streaming_response_a", "test_x")
    good = "".join(f'<testcase name="{name}"><system-out/></testcase>' for name in names)
    report.write_text(f"<testsuites><testsuite>{faults}{good}</testsuite></testsuites>")
    assert passed(report) == Counter(dict.fromkeys(TESTS, 1))


def test_the_description_holds_every_operation() -> None:
    document = msgspec.json.decode(description())
    found = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert sorted(found) == sorted(fact.operation for fact in OPERATIONS)
    assert b"#/$defs/" not in description()


@pytest.fixture
def npx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the path: what is put there as ``npx`` is started."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "npx"


def _write(npx: Path, line: str) -> None:
    npx.write_text(f"#!/bin/sh\n{line}\n")
    npx.chmod(0o700)


def test_without_node_it_says_so(npx: Path) -> None:
    with pytest.raises(MockError, match="install Node"), mocking(npx, npx.with_name("log")):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no shell script")
def test_a_mock_that_does_not_start_is_quoted(npx: Path) -> None:
    _write(npx, "echo no such version; exit 1")
    with pytest.raises(MockError, match="no such version"), mocking(npx, npx.with_name("log")):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no shell script")
def test_the_mock_ends_with_all_programs_it_started(npx: Path) -> None:
    _write(npx, f'"{sys.executable}" -m http.server --bind "$4" "$6" & wait')
    with mocking(npx, npx.with_name("log")) as url:
        urlopen(url).close()
    deadline = time.monotonic() + 10
    while _answers(int(url.rpartition(":")[2])) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _answers(int(url.rpartition(":")[2]))


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


async def test_the_scenario_comes_to_the_same_in_a_process_of_its_own() -> None:
    here, elsewhere = await acting.play_with(awaited), await acting.play_elsewhere(Path(sys.executable))
    assert not (found := acting.differences(here, elsewhere)), "\n".join(found)


def test_each_difference_between_transcripts_is_told() -> None:
    same: scenario.Transcript = {"a": [{"id": "opp 1"}, 2]}
    assert acting.differences(same, same) == []
    assert acting.differences(same, {**same, "a": [{"id": "opp 1"}]}) == ["a: 2 results with the one, 1 with the other"]
    assert acting.differences(same, {**same, "a": [{"id": "opp 2"}, 2]}) == [
        "a, result 1:\n  one:   {'id': 'opp 1'}\n  other: {'id': 'opp 2'}"
    ]
    early: scenario.Transcript = {**same, "b": [f"{scenario.STOPPED} AssertionError"]}
    assert acting.differences(early, early) == [f"b {scenario.STOPPED} AssertionError"] * 2
