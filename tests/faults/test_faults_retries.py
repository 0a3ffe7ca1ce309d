"""How many attempts a call makes, and what is known about them afterwards."""

import pytest

from lightfield import (
    APIConnectionError,
    APIResponseValidationError,
    InternalServerError,
    NotFoundError,
    RateLimitError,
)
from tests.client.both import Connect
from tests.faults.server import FIN, ID, OPPORTUNITY, RST, FaultServer, Reply, http

ABSENT: Reply = http(503, {"error": {"type": "service_unavailable", "message": "Back soon."}})


async def test_different_transient_failures_are_overcome_each_in_a_slot_of_its_own(connect: Connect) -> None:
    with FaultServer(ABSENT, [http(200, length=9), FIN], http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url) as client:
            response = await client.opportunity.with_raw_response.retrieve(ID)
            lane = client.rate_limits["Read"]
            assert (response.status_code, response.retries_taken, (await response.parse()).id) == (200, 2, ID)
    assert (lane.granted, lane.in_flight, lane.waiting) == (len(server.requests), 0, 0) == (3, 0, 0)


async def test_failing_for_ever_ends_after_max_retries(connect: Connect) -> None:
    with FaultServer(ABSENT) as server:
        async with connect(server.base_url, max_retries=2) as client:
            with pytest.raises(InternalServerError, match="Back soon") as caught:
                await client.opportunity.retrieve(ID)
    attempts = caught.value.attempts
    assert len(attempts) == len(server.requests) == 3
    assert all("Back soon" in attempt.error for attempt in attempts)
    assert [attempt.wait is None for attempt in attempts] == [False, False, True]
    assert not caught.value.deadline_exceeded


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (http(500), InternalServerError),
        (http(429), RateLimitError),
        (FIN, APIConnectionError),
        (RST, APIConnectionError),
        (http(200, b"{"), APIResponseValidationError),
    ],
    ids=["500", "429", "fin", "rst", "malformed"],
)
async def test_max_retries_0_sends_once(connect: Connect, fault: Reply, error: type[Exception], method: str) -> None:
    with FaultServer(fault) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(error):
                await client.request(method, "/v1/things")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert len(server.requests) == 1


async def test_the_last_failure_is_the_one_raised_and_knows_the_others(connect: Connect) -> None:
    with FaultServer(ABSENT, http(404)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(NotFoundError) as caught:
                await client.opportunity.retrieve(ID)
    assert [attempt.error[:3] for attempt in caught.value.attempts] == ["503", "404"]


async def test_first_attempt_that_succeeds_took_no_retries(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            response = await client.opportunity.with_raw_response.retrieve(ID)
    assert (response.retries_taken, len(server.requests)) == (0, 1)
