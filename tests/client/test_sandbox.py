"""Does the sandbox answer as the API is documented to? Real sockets throughout."""

import asyncio
import http.client
import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import aiohttp
import pytest

from lightfield.testing import Sandbox
from lightfield.testing._http.limits import RateLimits

SECOND = 1_000_000_000
VERSION = {"Lightfield-Version": "2026-03-01"}
HEADERS = {"Authorization": "Bearer sk_lf_sandbox", **VERSION}
NOT_FOUND = {"error": {"type": "not_found", "message": "No resource found in 'opportunities' with the given ID."}}


@dataclass
class Clock:
    now: int = 1_741_392_000 * SECOND

    def __call__(self) -> int:
        return self.now


def send(
    sandbox: Sandbox,
    path: str,
    headers: Mapping[str, str] = HEADERS,
    *,
    method: str = "GET",
) -> tuple[http.client.HTTPResponse, Any]:
    connection = http.client.HTTPConnection(sandbox.base_url.removeprefix("http://"), timeout=10)
    with closing(connection):
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response, json.loads(response.read())


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(opportunities=5, seed=7) as running:
        yield running


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sandboxes made in this test keep time by this clock."""
    clock = Clock()
    made = partial(RateLimits, clock=clock, wall=clock)
    monkeypatch.setattr("lightfield.testing._sandbox.RateLimits", made)
    return clock


def test_retrieve_answers_with_the_record(sandbox: Sandbox) -> None:
    for identifier in sandbox.opportunity_ids:
        response, body = send(sandbox, f"/v1/opportunities/{identifier}")
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        assert abs(parsedate_to_datetime(response.headers["Date"]).timestamp() - time.time()) < 30
        assert body == sandbox.opportunities[identifier]
        assert body["id"] == identifier


def test_documents_can_be_changed_added_and_removed(sandbox: Sandbox) -> None:
    first, second, *_ = sandbox.opportunity_ids
    sandbox.opportunities[first]["fields"]["$name"]["value"] = "Überraschung"
    sandbox.opportunities["opp_a/b é"] = {**sandbox.opportunities[first], "id": "opp_a/b é"}
    del sandbox.opportunities[second]
    assert send(sandbox, f"/v1/opportunities/{first}")[1]["fields"]["$name"]["value"] == "Überraschung"
    assert send(sandbox, "/v1/opportunities/opp_a%2Fb%20%C3%A9")[1]["id"] == "opp_a/b é"
    assert send(sandbox, f"/v1/opportunities/{second}")[0].status == 404
    assert len(sandbox.opportunity_ids) == 5
    assert sandbox.opportunity_ids[-1] == "opp_a/b é"


@pytest.mark.parametrize("value", [None, "", "sk_lf_sandbox", "Bearer", "Bearer sk_lf_other", "Basic sk_lf_sandbox"])
def test_missing_or_wrong_key_is_a_401(sandbox: Sandbox, value: str | None) -> None:
    headers = VERSION if value is None else {**VERSION, "Authorization": value}
    response, body = send(sandbox, f"/v1/opportunities/{sandbox.opportunity_ids[0]}", headers)
    assert response.status == 401
    assert body == {"error": {"type": "unauthorized", "message": "Missing or invalid API key."}}


@pytest.mark.parametrize("version", [None, "", "2026-03-02"])
def test_missing_or_other_version_is_a_400(sandbox: Sandbox, version: str | None) -> None:
    headers = {"Authorization": "Bearer sk_lf_sandbox"} | ({} if version is None else {"Lightfield-Version": version})
    response, body = send(sandbox, f"/v1/opportunities/{sandbox.opportunity_ids[0]}", headers)
    assert response.status == 400
    assert body["error"].pop("message")
    assert body == {"error": {"type": "bad_request", "code": "version_header"}}


def test_unknown_id_is_a_404(sandbox: Sandbox) -> None:
    response, body = send(sandbox, "/v1/opportunities/opp_unknown")
    assert response.status == 404
    assert body == NOT_FOUND


@pytest.mark.parametrize("path", ["/", "/v1/nothing", "/v1/opportunities/", "/v1/opportunities/a/b"])
def test_unknown_path_is_a_404(sandbox: Sandbox, path: str) -> None:
    response, body = send(sandbox, path)
    assert response.status == 404
    assert body == {"error": {"type": "not_found", "message": f"The sandbox has no GET {path}."}}


def test_other_method_is_a_405_that_names_the_methods(sandbox: Sandbox) -> None:
    response, body = send(sandbox, "/v1/opportunities/opp_1", method="PUT")
    assert response.status == 405
    assert response.headers["Allow"] == "DELETE, GET, POST"
    assert body["error"]["type"] == "method_not_allowed"


def test_connection_is_kept_also_after_a_body_that_nobody_wanted(sandbox: Sandbox) -> None:
    with closing(http.client.HTTPConnection(sandbox.base_url.removeprefix("http://"), timeout=10)) as connection:
        connection.request("POST", "/v1/nothing", headers=HEADERS, body=b"GET / HTTP/1.1" * 1000)
        assert connection.getresponse().read()
        connected = connection.sock
        connection.request("GET", f"/v1/opportunities/{sandbox.opportunity_ids[0]}", headers=HEADERS)
        assert connection.getresponse().status == 200
        assert connection.sock is connected


def test_every_answer_tells_the_rate_limit(clock: Clock) -> None:
    with Sandbox(opportunities=1, rate_limit=4) as sandbox:
        found = f"/v1/opportunities/{sandbox.opportunity_ids[0]}"
        seen = [
            send(sandbox, found)[0],
            send(sandbox, "/v1/opportunities/opp_unknown")[0],
            send(sandbox, "/v1/nothing")[0],
            send(sandbox, found, {})[0],
            send(sandbox, found, {"Authorization": "Bearer sk_lf_sandbox"})[0],
            send(sandbox, found)[0],
        ]
    assert [each.status for each in seen] == [200, 404, 404, 401, 400, 429]
    assert [each.headers["X-RateLimit-Limit"] for each in seen] == ["4"] * 6
    assert [each.headers["X-RateLimit-Remaining"] for each in seen] == ["3", "2", "1", "1", "0", "0"]
    assert {each.headers["X-RateLimit-Reset"] for each in seen} == {str(clock.now // SECOND + 1)}


def test_empty_bucket_is_a_flat_429_and_time_fills_it(clock: Clock) -> None:
    with Sandbox(opportunities=1, rate_limit=2) as sandbox:
        found = f"/v1/opportunities/{sandbox.opportunity_ids[0]}"
        assert [send(sandbox, found)[0].status for _ in range(2)] == [200, 200]
        response, body = send(sandbox, found)
        assert response.status == 429
        assert response.headers["Retry-After"] == "1"
        assert body == {
            "type": "too_many_requests",
            "message": "Rate limit exceeded. Please try again later.",
        }
        assert send(sandbox, found, method="PUT")[0].status == 405  # Write has a bucket of its own
        clock.now += SECOND // 2
        assert [send(sandbox, found)[0].status for _ in range(2)] == [200, 429]
        assert (len(sandbox.requests), sandbox.throttled) == (6, 2)


def test_only_a_429_asks_to_retry(sandbox: Sandbox) -> None:
    assert send(sandbox, "/v1/opportunities/opp_unknown")[0].headers["Retry-After"] is None


def test_default_limit_is_the_documented_one(sandbox: Sandbox) -> None:
    assert send(sandbox, "/v1/nothing")[0].headers["X-RateLimit-Limit"] == "25"


def test_without_a_limit_nothing_is_throttled_and_no_header_is_sent() -> None:
    with Sandbox(opportunities=1, rate_limit=None) as sandbox:
        seen = [send(sandbox, "/v1/opportunities/opp_unknown")[0] for _ in range(60)]
    assert {each.status for each in seen} == {404}
    assert not [name for each in seen for name in each.headers if name.lower().startswith("x-ratelimit")]
    assert (len(sandbox.requests), sandbox.throttled) == (60, 0)


@pytest.mark.parametrize("latency", [0.06, (0.06, 0.07)])
def test_answers_take_the_latency(latency: float | tuple[float, float]) -> None:
    with Sandbox(opportunities=1, latency=latency) as sandbox:
        for path in (f"/v1/opportunities/{sandbox.opportunity_ids[0]}", "/v1/nothing"):
            started = time.perf_counter()
            send(sandbox, path)
            assert time.perf_counter() - started >= 0.055


def test_two_sandboxes_do_not_know_each_other() -> None:
    with (
        Sandbox(opportunities=2, seed=1, api_key="sk_lf_one") as one,
        Sandbox(opportunities=3, seed=2) as two,
    ):
        assert one.base_url != two.base_url
        assert one.api_key == "sk_lf_one"
        theirs = {"Authorization": "Bearer sk_lf_one", **VERSION}
        path = f"/v1/opportunities/{one.opportunity_ids[1]}"
        assert send(one, path, theirs)[0].status == 200
        assert send(two, path, theirs)[0].status == 401
        assert send(two, path)[0].status == 404
        assert (len(one.requests), len(two.requests)) == (1, 2)


async def test_many_requests_at_once_each_get_their_record() -> None:
    async with (
        Sandbox(opportunities=150, rate_limit=None, latency=(0.0, 0.01)) as sandbox,
        aiohttp.ClientSession(sandbox.base_url, headers=HEADERS) as session,
    ):

        async def retrieve(identifier: str) -> object:
            async with session.get(f"/v1/opportunities/{identifier}") as response:
                return await response.json()

        got = await asyncio.gather(*(retrieve(identifier) for identifier in sandbox.opportunity_ids))
        assert got == list(sandbox.opportunities.values())
        assert len(sandbox.requests) == 150


def test_seed_decides_the_records() -> None:
    same, again, other = (Sandbox(opportunities=20, seed=seed) for seed in (7, 7, 8))
    assert same.opportunities == again.opportunities
    assert same.opportunities.keys() & other.opportunities.keys() == {"opp_cm9uvw890xyz123"}  # as documented
    assert len(Sandbox().opportunity_ids) == 200


def test_requests_are_not_logged(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "aiohttp.access")
    send(sandbox, "/v1/nothing")
    sandbox.stop()
    assert [record for record in caplog.records if record.name.startswith("aiohttp")] == []
