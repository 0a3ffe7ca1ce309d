"""What is tried again, and after how long. Which failures are tried again at all says ``_failure.py``.

The policy is plain functions; tenacity is the engine that runs it. It never sees an exception, so that it cannot hold
back a cancellation or keep a failed call's frames alive.
API page: https://docs.lightfield.app/using-the-api/rate-limits/
"""

import asyncio
import itertools
import logging
import math
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from lightfield._config.config import Config
from lightfield._protocol.request import Request
from lightfield.errors import APIConnectionError, APIError, Attempt, Spent, one_line

from .budget import Budget
from .failures import Kind, classify, outcome_unknown

if TYPE_CHECKING:
    from tenacity import RetryCallState
from lightfield._protocol.retry_after import MAX_RETRY_AFTER

T = TypeVar("T")

THROTTLED_RETRIES = 10
_DOUBLINGS = 5
_log = logging.getLogger("lightfield")


class Call(msgspec.Struct):
    """One call across its attempts: what every attempt shares."""

    request: Request[Any]
    config: Config
    budget: Budget
    started_at: float
    """When it was made, in the loop's time."""

    headers: dict[str, str] | None = None
    order: int = msgspec.field(default_factory=itertools.count().__next__)
    """Rank by beginning: where attempts wait, those of the older call go first."""

    deadline: float | None = None
    """When it must be over, in the loop's time; None until its deadline has begun, or without one."""

    retries: int = 0
    queued: float = 0.0
    """Seconds it has waited for slots."""


def backoff(kind: Kind, number: int, asked: float | None, draw: Callable[[], float] = random.random) -> float:
    """Say how many seconds to wait before retry ``number`` of its class, the first being 1.

    Never less than the server asked for. Full jitter otherwise; after a throttled or still running request, where
    coming back too early is useless, the jitter only adds.
    """
    least, most = asked or 0.0, 0.25 * 2.0 ** min(number, _DOUBLINGS)
    if kind in {"throttled", "in_progress"}:
        least = max(least, most)
        return least + draw() * max(0.25, least / 4)
    return max(least, draw() * most)


class RetryState:
    """The course of one call after its first failure: tenacity's retry, wait and stop."""

    def __init__(self, call: Call, failure: APIError) -> None:
        self.call = call
        self.error: BaseException | None = failure
        self.attempts: list[Attempt] = []
        self.counts: dict[str, int] = {}
        self.kind: Kind = "final"
        self.out_of_time = False
        self.out_of_budget = False
        self.sent = self.outcome_unknown = False

    def again(self, _: "RetryCallState") -> bool:
        """Whether the outcome is a failure worth another attempt."""
        error = self.error
        if not isinstance(error, APIError):
            return False
        self.kind = classify(error)
        self.sent |= not isinstance(error, APIConnectionError) or error.sent
        self.outcome_unknown |= outcome_unknown(error)
        if self.kind == "throttled" and self.call.request.own_rate_limit and error.retry_after is None:
            self.kind = "final"  # as many run as may; none will end soon
        self.attempts.append(Attempt(one_line(str(error), 200), None))
        if self.kind == "final":
            return False
        now = asyncio.get_running_loop().time()
        self.out_of_time = self.call.deadline is not None and now >= self.call.deadline
        repeatable = self.kind not in {"transient", "malformed"} or self.call.request.retry_safety != "never"
        return repeatable and not self.out_of_time

    def wait(self, _: "RetryCallState") -> float:
        """How long to wait before it."""
        group = self.kind if self.kind in {"throttled", "malformed"} else "transient"
        self.counts[group] = number = self.counts.get(group, 0) + 1
        return backoff(self.kind, number, self._asked())

    def stop(self, state: "RetryCallState") -> bool:
        """Whether attempts, time, budget or the server's patience are used up."""
        most = self.call.config.max_retries
        allowed = {
            "transient": most,
            "throttled": most and max(most, THROTTLED_RETRIES),
            "malformed": min(most, 1),
        }
        if any(count > allowed[group] for group, count in self.counts.items()):
            return True
        if self._asked() > MAX_RETRY_AFTER:
            return True
        due = math.inf if self.call.deadline is None else self.call.deadline
        self.out_of_time = asyncio.get_running_loop().time() + state.upcoming_sleep >= due
        self.out_of_budget = not self.out_of_time and not self.call.budget.try_spend(self.kind)
        return self.out_of_time or self.out_of_budget

    def _asked(self) -> float:
        return (isinstance(self.error, APIError) and self.error.retry_after) or 0.0

    def annotate(self, error: BaseException) -> None:
        """Put on the last failure what the caller should know."""
        if not isinstance(error, APIError):
            return
        error.attempts, error.outcome_unknown = tuple(self.attempts), self.outcome_unknown
        if isinstance(error, APIConnectionError):
            error.sent = self.sent
        error.idempotency_key = (self.call.headers or {}).get("Idempotency-Key")
        error.deadline_exceeded = error.deadline_exceeded or self.out_of_time
        error.retry_budget_exhausted = self.out_of_budget
        error.spent = self._spent()

    def _spent(self) -> Spent:
        pausing = sum(attempt.wait or 0.0 for attempt in self.attempts)
        total = asyncio.get_running_loop().time() - self.call.started_at
        return Spent(self.call.queued, max(total - self.call.queued - pausing, 0.0), pausing)

    def before_sleep(self, state: "RetryCallState") -> None:
        """Keep the record of what was tried, and let the failure itself go."""
        self.error = None
        self.call.retries += 1
        self.attempts[-1] = self.attempts[-1]._replace(wait=state.upcoming_sleep)
        _log.debug("Retry %d in %.2f s: %s", self.call.retries, state.upcoming_sleep, self.attempts[-1].error)


def preload_tenacity() -> None:
    """Load tenacity before it is needed: at the first failure it may be that no more files can be opened."""
    import tenacity  # noqa: F401 # pyright: ignore[reportUnusedImport]


async def retry_call(
    call: Call,
    failure: APIError,
    attempt: Callable[[Call], Awaitable[T]],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Go on after a first failure until an attempt succeeds or the policy says enough.

    Raises:
        APIError: The last failure, with every attempt on it.
    """
    course = RetryState(call, failure)
    result = await _drive(course, attempt, sleep)
    error, course.error = course.error, None
    if error is None:
        return cast("T", result)
    try:
        course.annotate(error)
        raise error
    finally:
        del error, failure  # the traceback holds this frame


async def _drive(
    course: RetryState,
    attempt: Callable[[Call], Awaitable[T]],
    sleep: Callable[[float], Awaitable[None]],
) -> T | None:
    from tenacity import AsyncRetrying

    async def outcome() -> T | None:
        if not course.attempts:  # the first attempt has been made already
            return None
        course.error = None
        try:
            return await attempt(course.call)
        except BaseException as error:  # noqa: BLE001 # raised again by persevere
            course.error = error
            return None

    retrying = AsyncRetrying(
        sleep=sleep,
        retry=course.again,
        wait=course.wait,
        stop=course.stop,
        before_sleep=course.before_sleep,
        retry_error_callback=lambda _: None,
    )
    result: T | None = await retrying(outcome)
    return result
