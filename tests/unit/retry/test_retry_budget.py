"""The retry budget: what it costs to try again, and what happens when it cannot be paid. On a virtual clock."""

import logging
from typing import TYPE_CHECKING, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield import APIConnectionError
from lightfield._config.config import resolve
from lightfield._retry.budget import Budget
from lightfield.errors import LightfieldTypeError, LightfieldValueError
from tests.clock import START, run
from tests.unit.retry.scripted import Failure, Server, a_call, garbled, lost, refused, stale, unsent

if TYPE_CHECKING:
    from lightfield._config.options import Options

KINDS = ["unsent", "throttled", "in_progress", "transient", "malformed"]


@pytest.mark.parametrize(
    ("kind", "price"), [("throttled", 5), ("in_progress", 5), ("transient", 14), ("unsent", 14), ("malformed", 14)]
)
def test_a_retry_costs(kind: str, price: int) -> None:
    budget = Budget(20)
    assert budget.try_spend(kind)
    assert budget.spent == price


@pytest.mark.parametrize(("kind", "price"), [("throttled", 0), ("in_progress", 5), ("transient", 14)])
def test_a_retry_at_a_time_that_was_told_costs_nothing_where_nothing_failed(kind: str, price: int) -> None:
    budget = Budget(14)
    assert budget.try_spend(kind, announced=True)
    assert budget.spent == price


@pytest.mark.parametrize(
    ("failures", "price"), [([stale], 0), ([stale, lost], 14), ([lost, stale], 14), ([stale] * 3, 28)]
)
def test_the_first_stale_connection_of_a_call_costs_nothing(failures: list[Failure], price: int) -> None:
    server, call = Server(*failures, None), a_call(retry_budget=price)
    assert run(server.serve(call)) == "result"
    assert call.budget.spent == price


def test_a_stale_connection_is_made_up_for_when_nothing_is_left() -> None:
    budget = Budget(14)
    assert budget.try_spend("transient")
    assert budget.try_spend("stale")
    assert not budget.try_spend("transient")


@given(size=st.integers(0, 60), kinds=st.lists(st.sampled_from(KINDS)))
def test_it_is_never_overdrawn(size: int, kinds: list[str]) -> None:
    budget = Budget(size)
    for kind in kinds:
        before = budget.spent
        assert budget.try_spend(kind) == (budget.spent > before)
        assert 0 <= budget.spent <= size


def test_without_a_bound_everything_is_paid() -> None:
    budget = Budget(None)
    assert all(budget.try_spend("transient") for _ in range(1000))
    assert budget.spent == 0


def test_being_exhausted_is_said_once_until_it_pays_again(caplog: pytest.LogCaptureFixture) -> None:
    budget, said = (
        Budget(13),
        "The retry budget is exhausted: failed calls are not retried until others succeed.",
    )
    with caplog.at_level(logging.WARNING, "lightfield"):
        for kind, paid, times in [
            ("transient", False, 1),
            ("transient", False, 1),
            ("throttled", True, 1),
            ("transient", False, 2),
            ("transient", False, 2),
        ]:
            assert budget.try_spend(kind) is paid
            assert caplog.messages == [said] * times
    assert {record.levelname for record in caplog.records} == {"WARNING"}


@pytest.mark.parametrize(
    ("failure", "retries"),
    [
        (lost, 7),
        (unsent, 7),
        (refused(503), 7),
        (refused(429), 20),
        (refused(409, type="idempotency_conflict"), 20),
    ],
    ids=["lost", "unsent", "503", "429", "409"],
)
def test_retries_end_with_the_budget(failure: Failure, retries: int) -> None:
    server = Server(failure)
    error = server.refuse(a_call(max_retries=1_000, retry_budget=100))
    assert len(server.times) == 1 + retries
    assert (error.retry_budget_exhausted, error.deadline_exceeded) == (True, False)
    assert str(error).endswith(" (retry budget exhausted)")


@pytest.mark.parametrize("failure", [unsent, refused(429), refused(409, type="idempotency_conflict"), lost, garbled])
def test_a_call_that_cannot_pay_is_not_tried_again(failure: Failure) -> None:
    server = Server(failure)
    assert server.refuse(a_call(retry_budget=4)).retry_budget_exhausted
    assert len(server.times) == 1


def test_retries_that_a_429_announces_cost_nothing() -> None:
    server, call = Server(refused(429, 1.0), refused(429, 1.0), refused(429, 0.0), None), a_call(retry_budget=0)
    assert run(server.serve(call)) == "result"
    assert (len(server.times), call.budget.spent) == (4, 0)


@pytest.mark.parametrize("failure", [refused(404), refused(501)])
def test_a_final_failure_costs_nothing(failure: Failure) -> None:
    call = a_call(retry_budget=4)
    error = Server(failure).refuse(call)
    assert (error.retry_budget_exhausted, error.deadline_exceeded, call.budget.spent) == (False, False, 0)


def test_what_max_retries_forbids_costs_nothing_and_is_not_blamed_on_budget_or_deadline() -> None:
    call = a_call(max_retries=2, retry_budget=42)
    error = Server(lost).refuse(call)
    assert (error.retry_budget_exhausted, error.deadline_exceeded, call.budget.spent) == (False, False, 28)


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
    call.request = msgspec.structs.replace(call.request, own_rate_limit=True)
    server.refuse(call)
    assert len(server.times) == attempts


def test_what_is_kept_of_an_attempt_is_short() -> None:
    error = Server(lambda: APIConnectionError("x" * 500)).refuse(a_call(max_retries=1))
    assert [len(attempt.error) for attempt in error.attempts] == [200, 200]


@pytest.mark.parametrize("value", [True, 1.5, "500"])
def test_a_size_of_the_wrong_type_is_refused(value: object) -> None:
    with pytest.raises(LightfieldTypeError, match="retry_budget must be an int"):
        resolve(cast("Options", {"api_key": "k", "retry_budget": value}))


def test_a_size_below_zero_is_refused() -> None:
    with pytest.raises(LightfieldValueError, match="retry_budget must be 0 or more"):
        resolve({"api_key": "k", "retry_budget": -1})
