"""Are the sentinels those of the official SDK: single, falsy, and no None?"""

import copy
import pickle
from typing import Any

import pytest

import lightfield
from lightfield._protocol.omit import is_omitted

SENTINELS: dict[str, Any] = {name: getattr(lightfield, name) for name in ("omit", "not_given", "NOT_GIVEN")}
TYPES: dict[str, Any] = {"omit": lightfield.Omit, "not_given": lightfield.NotGiven, "NOT_GIVEN": lightfield.NotGiven}


@pytest.mark.parametrize("name", SENTINELS)
def test_a_sentinel_is_the_single_instance_of_its_type(name: str) -> None:
    sentinel, kind = SENTINELS[name], TYPES[name]
    assert type(sentinel) is kind
    pickled = [pickle.loads(pickle.dumps(sentinel, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    copies = [kind(), copy.copy(sentinel), copy.deepcopy(sentinel), *pickled]
    assert [copied for copied in copies if copied is not sentinel] == []


@pytest.mark.parametrize("name", SENTINELS)
def test_a_sentinel_is_falsy_and_not_none(name: str) -> None:
    assert not SENTINELS[name]
    assert SENTINELS[name] is not None
    assert is_omitted(SENTINELS[name])


def test_a_sentinel_shows_its_name() -> None:
    assert [repr(sentinel) for sentinel in SENTINELS.values()] == ["omit", "NOT_GIVEN", "NOT_GIVEN"]


@pytest.mark.parametrize("value", [None, False, 0, "", {}, lightfield.Omit])
def test_nothing_else_is_omitted(value: Any) -> None:
    assert not is_omitted(value)
