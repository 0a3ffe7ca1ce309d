"""Rate limits that processes and machines share through Redis.

One key per lane holds the times of the last slots on the clock of the Redis server. A short script takes a slot by the
rules of ``lightfield._pacing.schedule`` and adds it, so the clocks of the machines do not matter, and the key expires
when it is not used. A process requests one slot at a time, and only while a call waits, so that an interactive call
waits for at most one bulk call of each other process. It keeps to its own schedule, too, which knows when its requests
are sent, and what the API's response headers have told *it*.

While Redis is unavailable each process paces its lanes locally and slows down when the API throttles it.
"""

import asyncio
import hashlib
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from lightfield._pacing.lane import Lane
from lightfield._pacing.pace import SPACED_TOLERANCE, Pace
from lightfield._pacing.registry import SharedLimits
from lightfield._pacing.schedule import EVEN, JITTER, LATE_TOLERANCE, Demand, Slot
from lightfield._protocol.display import ShownByRepr
from lightfield.errors import LightfieldTypeError, LightfieldUsageError, LightfieldValueError

from .redis_lookup import use_own_lookups

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis

RESPONSE_TIMEOUT = 0.5
"""Seconds that Redis may take to respond."""

RECONNECT_INTERVAL = 1.0
"""Seconds between attempts to reach a Redis that is unavailable."""

MAX_SLOT_AGE = 0.25
"""Seconds that an unused slot is kept: the slots of many processes must not accumulate."""

LEAD = 0.1
"""Seconds before a process may take a slot by its own schedule at which it requests one."""

# A list, the latest slot first: its time, how much more than a second must pass before it is repeated, and the time of
# the request for it, so that no call waits for the difference if a Redis whose clock is behind takes over. The list is
# longer than most limits, so that a limit that rises finds all slots of the last second.
_TAKE_SLOT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local size, period, jitter = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local distance, tolerance = tonumber(ARGV[4]), tonumber(ARGV[5])
local function entry(index)
  local slot, margin, requested = string.match(redis.call('LINDEX', KEYS[1], index) or '', '^(%d+) (%d+) (%d+)$')
  return slot or 0, margin or 0, requested or 0
end
local last, _, requested = entry(0)
if tonumber(requested) > now + 1000000 then
  redis.call('DEL', KEYS[1])
  last = 0
end
local before, margin = entry(size - 1)
local slot = last + distance
if slot < now - tolerance then slot = now end
slot = math.max(slot, before + margin + period)
redis.call('LPUSH', KEYS[1], string.format('%.0f %.0f %.0f', slot, jitter, now))
redis.call('LTRIM', KEYS[1], 0, math.max(size, 1000) - 1)
redis.call('PEXPIRE', KEYS[1], math.ceil((math.max(0, slot - now) + period) / 1000) + 1000)
return math.max(0, math.ceil(slot - now))
"""
_log = logging.getLogger("lightfield")


class RedisLimits(ShownByRepr, SharedLimits, frozen=True):
    """Rate limits shared through Redis: ``Lightfield(rate_limits=RedisLimits("redis://limits.internal"))``.

    All clients with the same Redis, base URL and key (or ``rate_limit_group``) share them, on any machine. Requires
    ``pip install 'lightfield-async[redis]'``.
    """

    url: str
    """A ``redis://``, ``rediss://`` or ``unix://`` URL, with user and password if required."""

    def __post_init__(self) -> None:
        if not isinstance(self.url, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise LightfieldTypeError(f"url must be a string, not {type(self.url).__name__}.")
        if not self.url.startswith(("redis://", "rediss://", "unix://")):
            raise LightfieldValueError("url must start with redis://, rediss:// or unix:// (not shown).")

    def lane(self, name: str, limit: float) -> Lane:
        """Return a new lane that takes its slots from Redis."""
        lane = Lane(pace := RedisPace(limit, name, self._connect()))
        pace.on_change = lane.wake_all
        return lane

    def _connect(self) -> "Redis":
        try:
            from redis.asyncio import Redis
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
            from redis.exceptions import ConnectionError as RedisConnectionError
        except ImportError:
            raise LightfieldUsageError("RedisLimits requires: pip install 'lightfield-async[redis]'") from None
        timeouts = {"socket_timeout": RESPONSE_TIMEOUT, "socket_connect_timeout": RESPONSE_TIMEOUT}
        # retry once: the server may have closed an idle connection
        retries = {"retry": Retry(NoBackoff(), 1, (RedisConnectionError,)), "retry_on_error": [RedisConnectionError]}
        from_url = cast("Callable[..., Redis]", Redis.from_url)  # pyright: ignore[reportUnknownMemberType]
        with suppress(ValueError, TypeError):
            redis = from_url(self.url, **timeouts, **retries)
            use_own_lookups(redis.connection_pool)
            make_connection: Callable[[], object] = redis.connection_pool.make_connection
            make_connection()  # rejects unknown options; does not connect yet
            return redis
        raise LightfieldValueError("url is not a valid Redis URL (not shown: it may contain a password).")

    def __repr__(self) -> str:
        return f"RedisLimits(…, read={self.read}, write={self.write}, search={self.search})"


class RedisPace(Pace):
    """The pace of a lane whose slots come from Redis."""

    def __init__(self, limit: float, name: str, redis: "Redis") -> None:
        super().__init__(limit)
        self._remaining.may_be_spent = False  # each process would spend all of it
        self._redis = redis
        self._take_slot = redis.register_script(_TAKE_SLOT)
        self._key = "lightfield:" + hashlib.sha256(name.encode()).hexdigest()[:32]
        self._slots: list[float] = []
        """Due times of received slots that are not taken yet: at most one, and refunded ones."""

        self._request: asyncio.Task[None] | None = None
        self._requested_at = 0.0
        self._unavailable = False
        self._retry_at = float("-inf")
        """When to contact an unavailable Redis again."""

        self.on_change: Callable[[], object] = bool
        """Called when a request for a slot has succeeded or failed."""

    def due(self, now: float, demand: Demand) -> float:
        """Return the due time of the next slot, or the time at which to check again."""
        local_due = super().due(now, demand)
        self._slots = [slot for slot in self._slots if now < slot + MAX_SLOT_AGE]
        if self._slots:
            return max(self._slots[0], local_due)
        if now < local_due - LEAD:
            return local_due - LEAD
        if (self._request is None or self._request.done()) and now >= self._retry_at:
            self._requested_at = now
            spacing = 0.0 if demand.length <= self._schedule.saved else demand.spacing
            tolerance = LATE_TOLERANCE if spacing == EVEN else 0.0
            if now < self._spaced_until:
                spacing, tolerance = EVEN, SPACED_TOLERANCE
            self._request = asyncio.ensure_future(self._request_slot(spacing, tolerance))
        timeout_at = self._requested_at + RESPONSE_TIMEOUT
        return local_due if self._unavailable or now >= timeout_at else timeout_at

    def take(self, now: float) -> Slot:
        """Take a received slot, or a local one while Redis is unavailable."""
        del self._slots[:1]
        return super().take(now)

    def refund(self, slot: Slot) -> None:
        """Return an unused slot for the next call."""
        super().refund(slot)
        self._slots.insert(0, slot.at)

    async def close(self) -> None:
        """Close the connection to Redis."""
        if self._request is not None:
            self._request.cancel()
            await asyncio.gather(self._request, return_exceptions=True)
        with suppress(Exception):  # a failing Redis must not prevent a client from closing
            await self._redis.aclose()

    async def _request_slot(self, spacing: float, tolerance: float) -> None:
        schedule = self._schedule
        seconds = schedule.period, 0.0 if spacing == EVEN else JITTER, spacing / schedule.limit, tolerance
        try:
            wait = await self._ask([schedule.size, *(round(each * 1_000_000) for each in seconds)])
        except Exception as error:  # noqa: BLE001 # no error of Redis may fail a call
            self._mark_unavailable(error)
            self.on_change()
            await self._disconnect()
        else:
            self._add_slot(wait)
            self.on_change()

    async def _ask(self, arguments: list[int]) -> float:
        """Take a slot and return the seconds until it is due. A server that refuses is asked on a new connection.

        It may have been demoted to a replica, or lost its replicas, disk or password, while its address leads to
        another server by now.
        """
        from redis.exceptions import ResponseError

        try:
            microseconds: Any = await self._take_slot(keys=[self._key], args=arguments)
        except ResponseError:
            await self._disconnect()
            microseconds = await self._take_slot(keys=[self._key], args=arguments)
        return float(microseconds) / 1_000_000

    async def _disconnect(self) -> None:
        with suppress(Exception):  # of a connection that is broken already
            await self._redis.connection_pool.disconnect()

    def _add_slot(self, wait: float) -> None:
        if self._unavailable:
            self._unavailable = False
            _log.warning("Redis is available again: the rate limit is shared.")
        self._slots.append(asyncio.get_running_loop().time() + wait)

    def _mark_unavailable(self, error: Exception) -> None:
        if not self._unavailable:
            self._unavailable = True
            _log.warning("Redis is unavailable (%s): using a local rate limit.", type(error).__name__)
        self._retry_at = asyncio.get_running_loop().time() + RECONNECT_INTERVAL
