"""Fixtures of the tests that run against a server."""

import os
from collections.abc import Iterator

import pytest

from lightfield._pacing.registry import _lanes  # pyright: ignore[reportPrivateUsage]
from lightfield.testing import Sandbox
from tests.client.both import Connect, awaited, blocking

os.environ.setdefault("LIGHTFIELD_UVLOOP", "0")  # `nox -s uvloop` sets it: blocking clients run on uvloop there


@pytest.fixture(autouse=True)
def new_lanes() -> None:
    """Forget the lanes of earlier tests, slowed or held as they are: a server may be given the port of another."""
    _lanes.clear()


@pytest.fixture(params=[awaited, blocking], ids=["awaited", "blocking"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Make clients: the test runs once with each kind."""
    kind: Connect = request.param
    return kind


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A server that behaves, with 40 opportunities and no rate limit."""
    with Sandbox(opportunities=40, rate_limit=None) as running:
        yield running


def pytest_xdist_auto_num_workers() -> int:
    """Let ``-n auto`` be one worker more than cores: most tests wait for a socket or a clock most of the time."""
    return 1 + (os.cpu_count() or 1)
