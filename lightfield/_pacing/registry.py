"""Lanes by API key and category: which clients share which lane."""

import threading
from typing import get_args
from weakref import WeakValueDictionary

import msgspec

from lightfield._aio.fork import reset_after_fork
from lightfield._config.config import Config
from lightfield._config.options import RateLimits
from lightfield._protocol.request import Category

from .lane import Gate, Lane
from .pace import Pace


class SharedLimits(RateLimits, frozen=True):
    """Rate limits that are kept outside of the process, such as ``lightfield.integrations.redis.RedisLimits``."""

    def lane(self, name: str, limit: float) -> Lane:
        """Make the lane of that name."""
        raise NotImplementedError


class LaneStatus(msgspec.Struct, frozen=True):
    """A lane at one moment, whichever clients of the process use it."""

    limit: float | None
    """Requests per second the server allows, as last learnt; None where pacing is off."""

    rate: float | None
    """Requests per second now granted."""

    waiting: int
    in_flight: int
    granted: int
    throttled: int
    """Replies of 429 so far."""

    remaining: int | None = None
    """Requests that the server said remain, as last learnt."""


def lane_status(lane: Lane) -> LaneStatus:
    """Describe a lane now."""
    with lane.lock:
        waiting = sum(
            not waiter.done() for gate in lane.queue for waiters in gate.waiters.values() for _, waiter in waiters
        )
        pace = lane.pace
        return LaneStatus(
            pace.limit, pace.rate(), waiting, lane.in_flight, lane.granted, lane.throttled, pace.remaining
        )


_lanes: WeakValueDictionary[tuple[object, ...], Lane] = WeakValueDictionary()
_lock = threading.Lock()


def lane(config: Config, category: Category) -> Lane:
    """Give the lane of a category that a client shares with all others of its key, or of its group."""
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
    if limit != getattr(RateLimits(), category.lower()):  # said so by the user
        with found.lock:
            found.pace.assume(limit)
    return found


Gates = dict[Category, Gate]


def gates(config: Config) -> Gates:
    """Make a client's gates, one for each category."""
    names: tuple[Category, ...] = get_args(Category)
    return {name: Gate(lane(config, name), share=config.rate_limit_share, max_rps=config.max_rps) for name in names}


def _forget() -> None:
    """Begin afresh in a forked process: its parent's lanes are none of its own, and may be locked for ever."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()
    _lanes.clear()


reset_after_fork(_forget)
