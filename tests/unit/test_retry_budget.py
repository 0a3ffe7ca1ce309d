"""Do retries end with what may be spent on them, and where more of them is of no use? On a virtual clock."""

import msgspec
import pytest

from lightfield import APIConnectionError
from tests.clock import START
from tests.unit.scripted import Failure, Server, a_call, lost, refused, unsent


@pytest.mark.parametrize(
    ("failure", "retries"),
    [(lost, 7), (unsent, 7), (refused(503), 7), (refused(429), 20), (refused(409, type="idempotency_conflict"), 20)],
    ids=["lost", "unsent", "503", "429", "409"],
)
def test_retries_end_with_the_budget(failure: Failure, retries: int) -> None:
    server = Server(failure)
    error = server.refuse(a_call(max_retries=1_000, retry_budget=100))
    assert len(server.times) == 1 + retries
    assert (error.retry_budget_exhausted, error.deadline_exceeded) == (True, False)
    assert str(error).endswith("(retry budget exhausted)")


@pytest.mark.parametrize("failure", [refused(404), lost], ids=["404", "lost"])
def test_what_ends_for_another_reason_is_not_blamed_on_budget_or_deadline(failure: Failure) -> None:
    error = Server(failure).refuse(a_call(retry_budget=42))
    assert error.retry_budget_exhausted is False
    assert error.deadline_exceeded is False


def test_a_last_attempt_that_ends_at_the_deadline_is_blamed_on_it() -> None:
    assert Server(lost, takes=10.0).refuse(a_call(due=START + 10.0, max_retries=0)).deadline_exceeded


def test_a_retry_that_would_come_at_the_deadline_is_not_begun_and_costs_nothing() -> None:
    server, call = Server(refused(503, 2.0)), a_call(due=START + 2.0)
    error = server.refuse(call)
    assert (len(server.times), call.budget.spent) == (1, 0)
    assert (error.retry_budget_exhausted, error.deadline_exceeded) == (False, True)


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [(refused(429), 1), (refused(429, 5.0), 11), (refused(503), 4), (lost, 4)],
    ids=["429", "429-asked", "503", "lost"],
)
def test_where_as_many_run_as_may_a_429_that_asks_for_no_time_is_final(failure: Failure, attempts: int) -> None:
    server, call = Server(failure), a_call()
    call.request = msgspec.structs.replace(call.request, limited_apart=True)
    server.refuse(call)
    assert len(server.times) == attempts


def test_what_is_kept_of_an_attempt_is_short() -> None:
    error = Server(lambda: APIConnectionError("x" * 500)).refuse(a_call(max_retries=1))
    assert [len(attempt.error) for attempt in error.attempts] == [200, 200]
