"""The retry budget: what it costs to try again, and what happens when it cannot be paid."""

import logging
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield._budget import Budget
from lightfield._config import resolve
from lightfield.errors import LightfieldTypeError, LightfieldValueError
from tests.unit.scripted import Failure, Server, a_call, garbled, lost, refused, unsent

if TYPE_CHECKING:
    from lightfield._options import Options

KINDS = ["unsent", "throttled", "in_progress", "transient", "garbled"]


@pytest.mark.parametrize(
    ("kind", "price"), [("throttled", 5), ("in_progress", 5), ("transient", 14), ("unsent", 14), ("garbled", 14)]
)
def test_a_retry_costs(kind: str, price: int) -> None:
    budget = Budget(20)
    assert budget.pay(kind)
    assert budget.spent == price


@given(size=st.integers(0, 60), kinds=st.lists(st.sampled_from(KINDS)))
def test_it_is_never_overdrawn(size: int, kinds: list[str]) -> None:
    budget = Budget(size)
    for kind in kinds:
        before = budget.spent
        assert budget.pay(kind) == (budget.spent > before)
        assert 0 <= budget.spent <= size


def test_without_a_bound_everything_is_paid() -> None:
    budget = Budget(None)
    assert all(budget.pay("transient") for _ in range(1000))
    assert budget.spent == 0


def test_being_exhausted_is_said_once_until_it_pays_again(caplog: pytest.LogCaptureFixture) -> None:
    budget = Budget(14)
    with caplog.at_level(logging.WARNING, "lightfield"):
        assert [budget.pay("transient") for _ in range(3)] == [True, False, False]
        assert len(caplog.records) == 1
        budget.spent = 0
        assert [budget.pay("transient") for _ in range(3)] == [True, False, False]
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2


@pytest.mark.parametrize("failure", [unsent, refused(429), refused(409, type="idempotency_conflict"), lost, garbled])
def test_a_call_that_cannot_pay_is_not_tried_again_and_says_so(failure: Failure) -> None:
    server = Server(failure)
    error = server.refuse(a_call(retry_budget=4))
    assert len(server.times) == 1
    assert error.retry_budget_exhausted
    assert str(error).endswith(" (retry budget exhausted)")


@pytest.mark.parametrize("failure", [refused(404), refused(501)])
def test_a_final_failure_costs_nothing(failure: Failure) -> None:
    call = a_call(retry_budget=4)
    assert not Server(failure).refuse(call).retry_budget_exhausted
    assert call.budget.spent == 0


def test_what_the_deadline_forbids_costs_nothing() -> None:
    call = a_call(due=1000.0001, retry_budget=500)
    error = Server(refused(503, 10.0)).refuse(call)
    assert (error.deadline_exceeded, error.retry_budget_exhausted, call.budget.spent) == (True, False, 0)


def test_what_max_retries_forbids_costs_nothing() -> None:
    call = a_call(max_retries=2)
    Server(lost).refuse(call)
    assert call.budget.spent == 28


@pytest.mark.parametrize("value", [True, 1.5, "500"])
def test_a_size_of_the_wrong_type_is_refused(value: object) -> None:
    with pytest.raises(LightfieldTypeError, match="retry_budget must be an int"):
        resolve(cast("Options", {"api_key": "k", "retry_budget": value}))


def test_a_size_below_zero_is_refused() -> None:
    with pytest.raises(LightfieldValueError, match="retry_budget must be 0 or more"):
        resolve({"api_key": "k", "retry_budget": -1})
