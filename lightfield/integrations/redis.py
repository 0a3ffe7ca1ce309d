"""How do processes and machines share one rate limit? They take their slots from a Redis.

One key holds the time of the next slot of a lane, on the clock of the Redis server. A script of a few lines takes a
slot and moves the key on: the clocks of the machines do not matter, and the key goes by itself when nobody asks. What a
process learns from the headers of the API sets the pace at which *it* moves the key. A process asks for one slot at a
time, when somebody waits for it, so that an interactive call of one process waits for one bulk call of each other at
most.

While Redis is away each process goes by its own lanes, as if it were alone, and slows down when the API throttles it.
"""

import asyncio
import hashlib
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from lightfield._config.options import RateLimits
from lightfield._pacing.lane import Lane
from lightfield._pacing.pace import EARLY_TOLERANCE, Pace
from lightfield._pacing.registry import SharedLimits
from lightfield.errors import LightfieldTypeError, LightfieldUsageError, LightfieldValueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis

PATIENCE = 0.5
"""Seconds that Redis may take to answer."""

ABSENCE = 1.0
"""Seconds between two tries to reach a Redis that is away."""

STALE = 1.0
"""Seconds that a slot may be kept for a call that does not come: the slots of many processes must not heap up."""

# The key holds the time of the last request beside that of the next slot: where a Redis takes over whose clock is
# behind, nobody waits for the difference.
_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, reserve = tonumber(ARGV[1]), tonumber(ARGV[2])
local last, free = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
free = math.max(now, tonumber(free or 0))
if tonumber(last or 0) > now + 1000000 then free = now end
local after = free + interval
redis.call('SET', KEYS[1], string.format('%.0f %.0f', now, after), 'PX', math.ceil((after - now) / 1000) + 1000)
return math.max(0, math.ceil(free - reserve - now))
"""
_log = logging.getLogger("lightfield")


class RedisLimits(SharedLimits, frozen=True):
    """Rate limits shared through a Redis: ``Lightfield(rate_limits=RedisLimits("redis://limits.internal"))``.

    All clients that use the same Redis, base URL and key (or ``rate_limit_group``) share them, wherever they run. Needs
    ``pip install 'lightfield-async[redis]'``.
    """

    url: str
    """Where the Redis is: ``redis://``, ``rediss://`` or ``unix://``, with user and password if it asks for them."""

    def __post_init__(self) -> None:
        if not isinstance(self.url, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise LightfieldTypeError(f"url must be a string, not {type(self.url).__name__}.")
        if not self.url.startswith(("redis://", "rediss://", "unix://")):
            raise LightfieldValueError("url must begin with redis://, rediss:// or unix:// (not shown).")

    def lane(self, name: str, limit: float) -> Lane:
        """Make a lane that takes its slots from the Redis."""
        lane = Lane(pace := RedisPace(limit, name, self._connect()))
        pace.changed = lane.wake_all
        return lane

    def _connect(self) -> "Redis":
        try:
            from redis.asyncio import Redis
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
            from redis.exceptions import ConnectionError as Dropped
        except ImportError:
            raise LightfieldUsageError("RedisLimits needs: pip install 'lightfield-async[redis]'") from None
        patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
        # once more where the connection is gone: it may have been dropped while nobody called
        again = {"retry": Retry(NoBackoff(), 1, (Dropped,)), "retry_on_error": [Dropped]}
        make = cast("Callable[..., Redis]", Redis.from_url)  # pyright: ignore[reportUnknownMemberType]
        with suppress(ValueError, TypeError):
            redis = make(self.url, **patience, **again)
            make_connection: Callable[[], object] = redis.connection_pool.make_connection
            make_connection()  # refuses unknown options; connects to nothing yet
            return redis
        raise LightfieldValueError("url is no address of a Redis (not shown: it may hold a password).")

    def __repr__(self) -> str:
        return f"RedisLimits(…, read={self.read}, write={self.write}, search={self.search})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("url", ...), *((name, getattr(self, name)) for name in RateLimits.__struct_fields__)]


class RedisPace(Pace):
    """The pace of one lane whose slots come from Redis."""

    def __init__(self, limit: float, name: str, redis: "Redis") -> None:
        super().__init__(limit)
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._key = "lightfield:" + hashlib.sha256(name.encode()).hexdigest()[:32]
        self._slots: list[float] = []
        """When those slots are due that have come and are not taken: one at most, and any that were given back."""

        self._asking: asyncio.Task[None] | None = None
        self._asked = 0.0
        self._away = False
        self._back = float("-inf")
        """When a Redis that is away is asked again."""

        self.changed: Callable[[], object] = bool
        """Called when a slot has come, or cannot come."""

    def due(self, now: float) -> float:
        """Say when the next slot is due, or when to look again."""
        here = super().due(now)
        self._slots = [slot for slot in self._slots if now < slot + STALE]
        if now < self._held_until:
            return self._held_until
        if self._slots:
            return self._slots[0]
        if (self._asking is None or self._asking.done()) and now >= self._back:
            self._asked = now
            self._asking = asyncio.ensure_future(self._ask())
        silent = self._asked + PATIENCE
        return here if self._away or now >= silent else silent

    def take(self, now: float) -> None:
        """Take the slot that has come, or one of our own while Redis is away."""
        super().take(now)
        del self._slots[:1]

    def refund(self) -> None:
        """Keep a slot that was not used for the next call."""
        super().refund()
        self._slots.insert(0, self._last_taken)

    async def close(self) -> None:
        """Close the connection to Redis."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        with suppress(Exception):  # a Redis that is going away must not spoil the end of a client
            await self._redis.aclose()

    def _rate_factor(self) -> float:
        """Leave the reserve alone: each process would spend all of it."""
        return min(1.0, super()._rate_factor())

    async def _ask(self) -> None:
        interval = 1_000_000 / (self.rate() or 1.0)
        try:
            microseconds: Any = await self._take(keys=[self._key], args=[interval, EARLY_TOLERANCE * 1_000_000])
            wait = float(microseconds) / 1_000_000
        except Exception as error:  # noqa: BLE001 # whatever it is, requests go on without Redis
            self._lost(error)
        else:
            self._found(wait)
        self.changed()

    def _found(self, wait: float) -> None:
        if self._away:
            self._away = False
            _log.warning("Redis is back: the rate limit is shared again.")
        self._slots.append(asyncio.get_running_loop().time() + wait)

    def _lost(self, error: Exception) -> None:
        if not self._away:
            self._away = True
            _log.warning("Redis is away (%s): going by a rate limit of our own.", type(error).__name__)
        self._back = asyncio.get_running_loop().time() + ABSENCE
