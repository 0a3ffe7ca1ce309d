"""Does a call end in time, and does whatever ends it from outside pass unchanged? On a virtual clock."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield import APIConnectionError, APIError, ClientClosedError
from tests.clock import START, run
from tests.unit.retry.scripted import Failure, Server, a_call, lost, refused


@settings(max_examples=50)
@given(
    deadline=st.floats(0.01, 100.0),
    takes=st.floats(0.0, 30.0),
    failure=st.sampled_from([lost, refused(429), refused(429, 5.0), refused(503, 20.0)]),
)
def test_the_deadline_is_never_exceeded(deadline: float, takes: float, failure: Failure) -> None:
    async def scenario() -> tuple[APIError, float]:
        loop = asyncio.get_running_loop()
        with pytest.raises(APIError) as caught:
            await Server(failure, takes=takes).serve(a_call(due=loop.time() + deadline, max_retries=1000))
        return caught.value, loop.time() - START

    error, elapsed = run(scenario())
    assert elapsed <= deadline + 1e-6
    assert error.deadline_exceeded or len(error.attempts) > 1000
    assert type(error) is type(failure())


def test_a_wait_that_would_end_after_the_deadline_is_not_begun() -> None:
    server = Server(refused(429, 10.0))
    error = server.refuse(a_call(due=START + 25.0))
    assert 2 <= len(server.times) <= 3
    assert error.deadline_exceeded
    paused = server.times[-1] - START
    assert error.spent == pytest.approx((0.0, 0.0, paused), abs=1e-6)
    assert str(error).endswith(f"(deadline: 0.00 s queued, 0.00 s trying, {paused:.2f} s pausing)")


def test_without_a_deadline_a_call_goes_on() -> None:
    server = Server(*[refused(429, 60.0)] * 10, None)
    assert run(server.serve(a_call())) == "result"
    assert server.times[-1] - START >= 600.0


@pytest.mark.parametrize("max_retries", [0, 3])
def test_a_failure_long_before_the_deadline_is_not_blamed_on_it(max_retries: int) -> None:
    assert not Server(lost).refuse(a_call(due=START + 1_000.0, max_retries=max_retries)).deadline_exceeded


def test_a_failure_that_is_final_anyway_is_not_blamed_on_the_deadline() -> None:
    error = Server(refused(404), takes=10.0).refuse(a_call(due=START + 10.0))
    assert not error.deadline_exceeded


class Stop(BaseException):
    """Neither an Exception nor ours."""


@pytest.mark.parametrize("other", [ClientClosedError("closed"), KeyError("bug"), Stop()], ids=repr)
def test_other_exceptions_pass_unchanged_and_are_not_tried_again(other: BaseException) -> None:
    server = Server(lost, lambda: other)
    with pytest.raises(type(other)) as caught:
        run(server.serve(a_call()))
    assert caught.value is other
    assert len(server.times) == 2


def test_whatever_ends_the_wait_passes_unchanged() -> None:
    closed = ClientClosedError("closed")
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        raise closed

    server = Server(refused(429, 30.0), sleep=sleep)
    with pytest.raises(ClientClosedError) as caught:
        run(server.serve(a_call()))
    assert caught.value is closed
    assert (len(waits), len(server.times)) == (1, 1)


@pytest.mark.parametrize("moment", ["waiting", "attempting"])
def test_a_cancellation_passes_unchanged_and_is_not_tried_again(moment: str) -> None:
    async def scenario() -> None:
        server = Server(refused(429, 30.0), lost, takes=10.0)
        task = asyncio.ensure_future(server.serve(a_call()))
        await asyncio.sleep(20.0 if moment == "waiting" else 50.0)
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError, match="enough"):
            await task
        assert (task.cancelled(), task.cancelling()) == (True, 1)
        await asyncio.sleep(1_000.0)
        assert len(server.times) == (1 if moment == "waiting" else 2)

    run(scenario())


def test_an_outer_timeout_ends_the_call_as_a_timeout() -> None:
    async def scenario() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(45.0):
                await Server(refused(429, 30.0)).serve(a_call())
        return asyncio.get_running_loop().time() - START

    assert round(run(scenario()), 6) == 45.0


def test_concurrent_calls_do_not_mix() -> None:
    async def one(number: int) -> tuple[APIError, int]:
        server = Server(lambda: APIConnectionError(f"call {number}"), takes=0.1)
        with pytest.raises(APIError) as caught:
            await server.serve(a_call(max_retries=number % 4))
        return caught.value, len(server.times)

    async def scenario() -> list[tuple[APIError, int]]:
        return await asyncio.gather(*(one(number) for number in range(40)))

    for number, (error, attempts) in enumerate(run(scenario())):
        assert {attempt.error for attempt in error.attempts} == {f"call {number}"}
        assert attempts == len(error.attempts) == 1 + number % 4
