"""Lanes by API key and category: which clients share which lane."""

import threading
from typing import get_args
from weakref import WeakValueDictionary

import msgspec

from lightfield._aio.fork import register_fork_reset
from lightfield._config.config import Config
from lightfield._config.options import RateLimits
from lightfield._protocol.request import Category

from .lane import Gate, Lane
from .pace import Pace


class SharedLimits(RateLimits, frozen=True):
    """Rate limits that are kept outside of the process, such as ``lightfield.integrations.redis.RedisLimits``."""

    def lane(self, name: str, limit: float) -> Lane:
        """Return a new lane with that name."""
        raise NotImplementedError


class LaneStatus(msgspec.Struct, frozen=True):
    """A snapshot of a lane, for all clients of the process that share it."""

    __module__ = "lightfield"
    limit: float | None
    """Requests per second the server allows, as last learnt; None if pacing is off."""

    rate: float | None
    """Requests per second at which a long bulk is granted slots now."""

    waiting: int
    in_flight: int
    granted: int
    throttled: int
    """429 responses so far."""

    remaining: int | None = None
    """Requests that remain, as the server last stated."""


def lane_status(lane: Lane) -> LaneStatus:
    """Return a snapshot of a lane."""
    with lane.lock:
        waiting = sum(gate.queue.waiting() for gate in lane.waiting)
        pace = lane.pace
        return LaneStatus(pace.limit, pace.rate, waiting, lane.in_flight, lane.granted, lane.throttled, pace.remaining)


_lanes: WeakValueDictionary[tuple[object, ...], Lane] = WeakValueDictionary()
_lock = threading.Lock()


def lane(config: Config, category: Category) -> Lane:
    """Return the lane of a category, which a client shares with all others of its key or group."""
    limits = config.rate_limits
    if limits is None:
        return Lane(Pace(None))
    limit: float = getattr(limits, category.lower())
    if isinstance(limits, SharedLimits):
        sharing = config.rate_limit_group or config.api_key.reveal()
        return limits.lane(f"{config.base_url} {category} {sharing}", limit)
    shared_by = config.rate_limit_group or config.api_key
    with _lock:
        found = _lanes.setdefault((config.base_url, shared_by, category), Lane(Pace(limit)))
    if limit != getattr(RateLimits(), category.lower()):  # chosen by the user: 25 may be the default
        with found.lock:
            found.pace.assume(limit)
    return found


Gates = dict[Category, Gate]


def gates(config: Config) -> Gates:
    """Return new gates for a client, one for each category."""
    names: tuple[Category, ...] = get_args(Category)
    return {name: Gate(lane(config, name), share=config.rate_limit_share, max_rps=config.max_rps) for name in names}


def _forget_lanes() -> None:
    """Forget the lanes of the parent process, which another thread may have locked forever."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()
    _lanes.clear()


register_fork_reset(_forget_lanes)
