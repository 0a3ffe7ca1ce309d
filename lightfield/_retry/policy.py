"""Retries: whether a failed attempt is followed by another, and after what delay.

``failures`` classifies a failure. ``should_retry`` and ``backoff`` are pure functions of what is known of the call;
tenacity is the engine that runs them. It never sees an exception, so it can neither hold back a cancellation nor keep
the frames of a failed attempt alive.
API page: https://docs.lightfield.app/using-the-api/rate-limits/
"""

import asyncio
import itertools
import logging
import math
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import msgspec

from lightfield._aio.caught import Caught
from lightfield._config.config import Config
from lightfield._protocol.headers import Headers
from lightfield._protocol.request import Request, Reuse
from lightfield._protocol.response import HTTPRequest
from lightfield._protocol.retry_after import MAX_RETRY_AFTER
from lightfield.errors import APIConnectionError, APIError, Attempt, Spent, one_line

from .budget import Budget
from .failures import Kind, classify, outcome_unknown

T = TypeVar("T")

THROTTLED_RETRIES = 10
_MAX_DOUBLINGS = 5
SENT_ONCE = frozenset({"never", "with_callers_key"})  # unless it surely had no effect
_OWN_HEADERS = ("Content-Type", "Idempotency-Key")  # what a caller adds may be secret
_log = logging.getLogger("lightfield")


class Call(msgspec.Struct, gc=False):
    """One call, and what its attempts share."""

    request: Request[Any]
    config: Config
    budget: Budget
    started_at: float
    """The loop's time when it was made."""

    headers: Headers | None = None
    order: int = msgspec.field(default_factory=itertools.count().__next__)
    """Rank by age: attempts of older calls go first."""

    deadline: float | None = None
    """The loop's time by which it must end; None if it has no deadline, or none yet."""

    reuse: Reuse = "any"
    """Which pooled connections its next attempt may use."""

    retries: int = 0
    queued: float = 0.0
    """Seconds it has waited for slots."""


def should_retry(kind: Kind, number: int, request: Request[Any], max_retries: int, retry_after: float | None) -> bool:
    """Return whether retry ``number`` after failures of this kind may follow, the first being 1.

    Args:
        kind: The kind of the last failure.
        number: Counted by kind: stale connections, throttling and malformed responses apart, all others together.
        request: What failed.
        max_retries: The option of the client; 0 turns all retries off.
        retry_after: Seconds that the server asked to wait, if it did.
    """
    if kind == "final" or (retry_after is not None and retry_after > MAX_RETRY_AFTER):
        return False
    if kind in {"stale", "transient", "malformed"} and request.retry_safety in SENT_ONCE:
        return False
    if kind == "throttled":
        # its own limit, unless announced to end soon, is of concurrent work
        own_limit = request.own_rate_limit and retry_after is None
        return not own_limit and number <= (max_retries and max(max_retries, THROTTLED_RETRIES))
    return number <= (min(max_retries, 1) if kind == "malformed" else max_retries)


def backoff(kind: Kind, number: int, retry_after: float, draw: Callable[[], float] = random.random) -> float:
    """Return the delay in seconds before retry ``number`` of its kind, the first being 1.

    Never less than the server asked for, with full jitter otherwise. After a throttled request, or while the
    first one is still in progress, the jitter only adds: coming back early is useless. A stale connection calls for
    no delay.
    """
    if kind == "stale":
        return 0.0
    max_delay = 0.25 * 2.0 ** min(number, _MAX_DOUBLINGS)
    if kind in {"throttled", "in_progress"}:
        min_delay = max(retry_after, max_delay)
        return min_delay + draw() * max(0.25, min_delay / 4)
    return max(retry_after, draw() * max_delay)


class RetryState:
    """What is known of a call that has failed at least once."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.delay: float | None = None
        """Seconds before the next attempt; None if there is to be none."""

        self.attempts: list[Attempt] = []
        self.counts: Counter[Kind] = Counter()
        self.out_of_time = self.out_of_budget = False
        self.sent = self.outcome_unknown = False

    def record(self, error: BaseException | None) -> None:
        """Record a failed attempt and decide about the next; what is not an ``APIError`` ends the call."""
        if not isinstance(error, APIError):
            return
        self.sent |= not isinstance(error, APIConnectionError) or error.sent
        self.outcome_unknown |= outcome_unknown(error)
        kind = classify(error)
        if kind == "stale":
            self.call.reuse = "none"
            kind = "transient" if self.counts["stale"] else "stale"
        self.delay = self._next_delay(kind, error.retry_after)
        self.attempts.append(Attempt(one_line(str(error), 200), self.delay))

    def _next_delay(self, kind: Kind, retry_after: float | None) -> float | None:
        call, now = self.call, asyncio.get_running_loop().time()
        deadline = math.inf if call.deadline is None else call.deadline
        group: Kind = kind if kind in {"stale", "throttled", "malformed"} else "transient"
        self.counts[group] += 1
        number = self.counts[group]
        self.out_of_time = kind != "final" and now >= deadline
        if self.out_of_time or not should_retry(kind, number, call.request, call.config.max_retries, retry_after):
            return None
        delay = backoff(kind, number, retry_after or 0.0)
        self.out_of_time = now + delay >= deadline
        self.out_of_budget = not self.out_of_time and not call.budget.try_spend(kind, announced=retry_after is not None)
        return None if self.out_of_time or self.out_of_budget else delay

    def give_up(self) -> None:
        """Make no further attempt, whatever was decided."""
        self.delay = None
        self.attempts[-1] = Attempt(self.attempts[-1].error, None)

    def annotate(self, error: BaseException) -> None:
        """Attach the history of all attempts to the last error."""
        if not isinstance(error, APIError):
            return
        request, headers = self.call.request, self.call.headers or Headers()
        own = {name: value for name in _OWN_HEADERS if (value := headers.get(name)) is not None}
        error.request = HTTPRequest(request.method, request.url(self.call.config.base_url), own)
        error.attempts, error.outcome_unknown = tuple(self.attempts), self.outcome_unknown
        if isinstance(error, APIConnectionError):
            error.sent = self.sent
        error.idempotency_key = headers.get("Idempotency-Key")
        error.deadline_exceeded = error.deadline_exceeded or self.out_of_time
        error.retry_budget_exhausted = self.out_of_budget
        error.spent = self._spent()

    def _spent(self) -> Spent:
        pausing = sum(attempt.wait or 0.0 for attempt in self.attempts)
        total = asyncio.get_running_loop().time() - self.call.started_at
        return Spent(self.call.queued, max(total - self.call.queued - pausing, 0.0), pausing)

    def count_retry(self, _: object) -> None:
        """Count the retry that begins with a delay."""
        self.call.retries += 1
        _log.debug("Retry %d in %.2f s: %s", self.call.retries, self.delay, self.attempts[-1].error)


def preload_tenacity() -> None:
    """Load tenacity before it is needed: at the first failure there may be no file descriptor left to load it with."""
    import tenacity  # noqa: F401 # pyright: ignore[reportUnusedImport]


async def retry_call(
    call: Call,
    failure: Caught,
    attempt: Callable[[Call], Awaitable[T]],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Go on after a first failure until an attempt succeeds or the policy ends the call.

    Raises:
        APIError: The last failure, with ``attempts`` set.
    """
    state = RetryState(call)
    state.record(failure.error)
    if state.delay is not None:
        try:
            preload_tenacity()
        except OSError:  # nor was a descriptor left when the client opened
            state.give_up()
    result = None if state.delay is None else await _retry(state, failure, attempt, sleep)
    if failure.error is None:
        return cast("T", result)
    state.annotate(failure.error)
    raise failure.take()


async def _retry(
    state: RetryState,
    failure: Caught,
    attempt: Callable[[Call], Awaitable[T]],
    sleep: Callable[[float], Awaitable[None]],
) -> T | None:
    from tenacity import AsyncRetrying

    failure.error = None  # nothing keeps it while the call waits

    async def next_attempt() -> T | None:
        if not state.call.retries:  # the first attempt has been made already
            return None
        state.delay = None
        try:
            return await attempt(state.call)
        except BaseException as error:  # noqa: BLE001 # raised by retry_call
            state.record(error)
            if state.delay is None:
                failure.error = error
            return None

    retrying = AsyncRetrying(
        sleep=sleep,
        retry=lambda _: state.delay is not None,
        wait=lambda _: state.delay or 0.0,
        before_sleep=state.count_retry,
    )
    result: T | None = await retrying(next_attempt)
    return result
