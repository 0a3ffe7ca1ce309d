"""One lane per rate-limit category: who may send now, who waits, and how fast the server lets us go.

The API allows a number of requests per second for each of Read, Write and Search. A lane spaces its requests evenly
(the generic cell rate algorithm with a burst of one) a little below that rate: even spacing suits every kind of server,
be it a token bucket or a window, where a burst suits some only. A slot is granted when
it is due, first come first served, and each attempt takes one, retries included.

The server's headers correct the lane: a lower ``X-RateLimit-Limit`` counts at once, a higher one when seen three times
running. A 429 slows the lane by 15 %, at most twice a second; each success wins a little back. A lane also bounds how
many requests are under way, so that no request waits inside the connection pool with its clock running.
API page: https://docs.lightfield.app/using-the-api/rate-limits/
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import get_args

import msgspec

from ._config import RateLimits
from ._request import Category
from .errors import APITimeoutError

HEADROOM = 0.96
IN_FLIGHT = 64
_SIGHTINGS = 3
_SLOWER = 0.85
_FASTER = 0.05
_SLOWEST = 1.0
_PAUSE = 0.5
_HIGHEST = 10_000
_LATE = 0.01
"""Seconds a timer may fire late without slowing the lane."""

Wait = Callable[[asyncio.Future[None], float | None], Awaitable[None]]


async def wait_until(waiter: asyncio.Future[None], due: float | None) -> None:
    """Wait for a future until a time of the loop, and raise TimeoutError then."""
    async with asyncio.timeout_at(due):
        await waiter


class LaneStatus(msgspec.Struct, frozen=True):
    """A lane at one moment."""

    limit: float | None
    """Requests per second the server allows, as last learnt; None where pacing is off."""

    rate: float | None
    """Requests per second now granted."""

    waiting: int
    in_flight: int
    granted: int
    throttled: int
    """Replies of 429 so far."""


class Lane:
    """The requests of one category on their way to the server."""

    def __init__(self, limit: float | None) -> None:
        self._limit = limit
        self._rate = 0.0 if limit is None else HEADROOM * limit
        self._next = 0.0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._in_flight = self._granted = self._throttled = 0
        self._seen = ("", 0)
        self._slowed = 0.0

    async def admit(self, due: float | None, wait: Wait = wait_until) -> None:
        """Wait for a slot, until the loop's time ``due`` at most.

        Raises:
            APITimeoutError: No slot came free in time.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        if not self._waiters and self._in_flight < IN_FLIGHT and self._next <= now:
            self._grant(now)
            return
        waiter = loop.create_future()
        self._waiters.append(waiter)
        self._wake()
        try:
            await wait(waiter, due)
        except TimeoutError:
            self._withdraw(waiter)
            error = APITimeoutError("The deadline passed while waiting for a slot of the rate limit.")
            error.sent, error.deadline_exceeded = False, True
            raise error from None
        except BaseException:
            self._withdraw(waiter)
            raise

    def leave(self) -> None:
        """Give the place back when an attempt is over."""
        self._in_flight -= 1
        if self._waiters:
            self._wake()

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Take in what a response says about the limit."""
        self._throttled += status == 429
        if self._limit is None:
            return
        limit = headers.get("X-RateLimit-Limit")
        if limit is not None and (limit != self._seen[0] or self._seen[1] < _SIGHTINGS):
            self._sight(limit)
        if status == 429:
            self._slow_down()
        elif self._rate < HEADROOM * self._limit:
            self._rate = min(HEADROOM * self._limit, self._rate + _FASTER)

    def status(self) -> LaneStatus:
        """Describe the lane now."""
        rate = None if self._limit is None else self._rate
        waiting = sum(not waiter.done() for waiter in self._waiters)
        return LaneStatus(self._limit, rate, waiting, self._in_flight, self._granted, self._throttled)

    def _grant(self, now: float) -> None:
        self._in_flight += 1
        self._granted += 1
        if self._rate:
            self._next = max(now - _LATE, self._next) + 1 / self._rate

    def _wake(self) -> None:
        """Grant every slot that is due, then set the timer for the next."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiters and self._in_flight < IN_FLIGHT:
            if self._waiters[0].done():
                self._waiters.popleft()
            elif self._next <= now:
                self._grant(now)
                self._waiters.popleft().set_result(None)
            else:
                self._timer = loop.call_at(self._next, self._wake)
                break

    def _withdraw(self, waiter: asyncio.Future[None]) -> None:
        """Take a waiter out; hand its slot on if it was granted one that it will not use."""
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            self._granted -= 1
            if self._rate:
                self._next -= 1 / self._rate
            self.leave()
        else:
            waiter.cancel()

    def _sight(self, text: str) -> None:
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(_HIGHEST)) and 0 < int(text) <= _HIGHEST):
            return
        limit = float(text)
        self._seen = (text, self._seen[1] + 1 if text == self._seen[0] else 1)
        assert self._limit is not None  # noqa: S101
        if limit < self._limit or (limit > self._limit and self._seen[1] >= _SIGHTINGS):
            self._rate *= limit / self._limit
            self._limit = limit

    def _slow_down(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._slowed >= _PAUSE:
            self._slowed = now
            self._rate = min(self._rate, max(_SLOWEST, self._rate * _SLOWER))


def lanes(limits: RateLimits | None) -> dict[Category, Lane]:
    """Make the lane of each category."""
    names: tuple[Category, ...] = get_args(Category)
    return {name: Lane(None if limits is None else getattr(limits, name.lower())) for name in names}
