"""Who shares a lane, for how long, and on what assumptions?"""

import gc
import weakref
from typing import Any

import msgspec
import pytest

from lightfield import AsyncLightfield, Lightfield, RateLimits
from lightfield._config.config import Config, resolve
from lightfield._pacing.lane import Lane
from lightfield._pacing.pace import Pace
from lightfield._pacing.registry import LaneStatus, SharedLimits, gates, lane, lane_status
from lightfield._pacing.registry import _lanes as registry  # pyright: ignore[reportPrivateUsage]
from lightfield._protocol.redaction import Secret
from tests.unit.pacing.paces import ALONE, START, arrive, learn, told

URL = "https://one.example"


def config(**options: Any) -> Config:
    given: Any = {"api_key": "sk_lf_1", "base_url": URL, **options}
    return resolve(given)


def are_shared(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return lane(config(**one), "Read") is lane(config(**other), "Read")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"base_url": URL + "/"},
        {"rate_limits": RateLimits(read=5)},
        {"rate_limit_share": 0.5, "max_rps": 3.0},
        {"priority": "bulk", "timeout": 3, "deadline": None},
    ],
    ids=str,
)
def test_clients_of_one_key_at_one_server_share(options: dict[str, Any]) -> None:
    assert are_shared({}, options)


@pytest.mark.parametrize(
    "options",
    [
        {"api_key": "sk_lf_2"},
        {"base_url": "https://two.example"},
        {"base_url": URL + "/v2"},
        {"rate_limit_group": "all of us"},
        {"rate_limit_group": "sk_lf_1"},  # a group is no key
        {"rate_limits": None},
    ],
    ids=str,
)
def test_others_do_not_share(options: dict[str, Any]) -> None:
    assert not are_shared({}, options)


def test_keys_of_one_group_share_at_one_server() -> None:
    group = {"rate_limit_group": "all of us"}
    assert are_shared({"api_key": "sk_lf_2", **group}, {"api_key": "sk_lf_3", **group})
    assert not are_shared(group, {"rate_limit_group": "others"})
    assert not are_shared(group, {"base_url": "https://two.example", **group})


def test_clients_without_limits_do_not_share() -> None:
    assert not are_shared({"rate_limits": None}, {"rate_limits": None})


def test_each_category_has_a_lane_of_its_own() -> None:
    found = gates(config(rate_limits=RateLimits(read=1.0, write=2.0, search=3.0)))
    assert {name: lane_status(gate.lane).limit for name, gate in found.items()} == {
        "Read": 1.0,
        "Write": 2.0,
        "Search": 3.0,
    }
    assert len({id(gate.lane) for gate in found.values()}) == 3


def test_lanes_without_limits() -> None:
    assert [lane_status(gate.lane).limit for gate in gates(config(rate_limits=None)).values()] == [None, None, None]


def test_a_new_lane_is_idle() -> None:
    assert lane_status(Lane(Pace(25.0))) == LaneStatus(
        limit=25.0, rate=25.0, waiting=0, in_flight=0, granted=0, throttled=0, remaining=None
    )


@pytest.mark.parametrize("kind", [AsyncLightfield, Lightfield])
def test_nothing_is_kept_when_the_clients_are_gone(kind: type[AsyncLightfield | Lightfield]) -> None:
    clients = [kind(api_key="sk_lf_kept", base_url=URL) for _ in range(2)]
    kept = [weakref.ref(lane(config(api_key="sk_lf_kept"), category)) for category in clients[0].rate_limits]
    del clients[0]
    gc.collect()
    assert None not in [each() for each in kept]  # the other client has them still
    del clients[0]
    gc.collect()
    assert [each() for each in kept] == [None] * 3
    assert not [key for key in list(registry) if Secret("sk_lf_kept") in key]


def test_a_lane_begins_afresh_when_the_clients_were_gone() -> None:
    first = lane(config(api_key="sk_lf_fresh"), "Read")
    learn(first.pace, START, 200, told(limit=5))
    assert lane(config(api_key="sk_lf_fresh"), "Read").pace.limit == 5
    del first
    gc.collect()
    assert lane(config(api_key="sk_lf_fresh"), "Read").pace.limit == 25


def test_a_later_client_may_assume_another_limit_until_the_server_has_told_its_own() -> None:
    first = lane(config(rate_limits=RateLimits(read=5)), "Read")
    lane(config(rate_limits=RateLimits(read=10)), "Read")
    assert (first.pace.limit, first.pace.rate) == (10, 10)
    learn(first.pace, START, 200, told(limit=10))
    lane(config(rate_limits=RateLimits(read=50)), "Read")
    assert (first.pace.limit, first.pace.rate) == (10, 10)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rate_limits": RateLimits()},
        {"rate_limits": RateLimits(write=10, search=50)},  # nothing of Read
        {"rate_limit_share": 0.5, "max_rps": 50.0},
    ],
    ids=str,
)
def test_a_later_client_that_says_nothing_of_limits_lifts_none(options: dict[str, Any]) -> None:
    first = lane(config(rate_limits=RateLimits(read=5)), "Read")
    lane(config(**options), "Read")
    assert (first.pace.limit, first.pace.rate) == (5, 5)


def test_a_later_client_may_tell_a_limit_where_the_first_said_nothing() -> None:
    first = lane(config(), "Read")
    lane(config(rate_limits=RateLimits(read=5)), "Read")
    assert (first.pace.limit, first.pace.rate) == (5, 5)


@pytest.mark.parametrize(("limits", "rate"), [(RateLimits(), 25 * 0.85), (RateLimits(read=10), 10 * 0.85)])
def test_a_later_client_does_not_undo_that_the_pace_was_slowed(limits: RateLimits, rate: float) -> None:
    first = lane(config(), "Read")
    learn(first.pace, START, 429, told())
    lane(config(rate_limits=limits), "Read")
    assert first.pace.rate == pytest.approx(rate)


class Noted(SharedLimits, frozen=True):
    """Limits that note which lanes they are asked for."""

    asked: list[tuple[str, float]] = msgspec.field(default_factory=list[tuple[str, float]])

    def lane(self, name: str, limit: float) -> Lane:
        self.asked.append((name, limit))
        return Lane(Pace(limit))


def test_limits_kept_elsewhere_are_asked_for_the_lane_of_a_server_a_category_and_a_key_or_group() -> None:
    limits = Noted(read=5)
    lane(config(rate_limits=limits), "Read")
    lane(config(rate_limits=limits, rate_limit_group="all of us"), "Write")
    assert limits.asked == [(f"{URL} Read sk_lf_1", 5.0), (f"{URL} Write all of us", 25.0)]


@pytest.mark.parametrize(
    ("bounds", "rest"), [({"rate_limit_share": 0.04}, 1.0), ({"max_rps": 0.5}, 2.0), ({}, 0.0)], ids=str
)
def test_a_client_has_its_bounds_at_every_gate(bounds: dict[str, float], rest: float) -> None:
    for gate in gates(config(**bounds)).values():
        arrive(gate.lane.pace, START)
        gate.grant(START)
        assert max(START, gate.due(START, ALONE)) - START == rest
