"""Time limits: our form, that of httpx, and what becomes of them."""

import copy
import pickle

import pytest

from lightfield import Timeout

PHASES = ("connect", "read", "write", "pool")


def limits(timeout: Timeout) -> list[float | None]:
    return [getattr(timeout, name) for name in (*PHASES, "total")]


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        (Timeout(), [5.0, None, None, None, 30.0]),
        (Timeout(connect=1, total=None), [1, None, None, None, None]),
        (Timeout(read=2), [5.0, 2, None, None, 30.0]),
        (Timeout(60.0), [60.0, 60.0, 60.0, 60.0, None]),
        (Timeout(60.0, read=5.0, write=10.0, connect=2.0), [2.0, 5.0, 10.0, 60.0, None]),
        (Timeout(timeout=60.0, total=90), [60.0, 60.0, 60.0, 60.0, 90]),
        (Timeout(None), [None, None, None, None, None]),
        (Timeout(None, connect=3), [3, None, None, None, None]),
    ],
    ids=str,
)
def test_limits_that_are_not_given_have_a_default(timeout: Timeout, expected: list[float | None]) -> None:
    assert limits(timeout) == expected
    assert timeout.limits() == dict(zip((*PHASES, "total"), expected, strict=True))
    assert repr(timeout).startswith(f"Timeout(connect={expected[0]!r}, read={expected[1]!r}, ")


def test_equal_limits_are_equal_however_they_are_written() -> None:
    one, two = Timeout(5), Timeout(connect=5, read=5, write=5, pool=5, total=None)
    assert (one, hash(one)) == (two, hash(two))
    assert one != Timeout(6)


@pytest.mark.parametrize("timeout", [Timeout(), Timeout(5, read=None)], ids=str)
def test_it_pickles_and_copies(timeout: Timeout) -> None:
    for twin in (copy.copy(timeout), copy.deepcopy(timeout), pickle.loads(pickle.dumps(timeout))):
        assert twin == timeout


def test_it_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Timeout().read = 5  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]
