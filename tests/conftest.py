"""Fixtures of the tests that run against a server."""

from collections.abc import Iterator

import pytest

from lightfield.testing import Sandbox
from tests.client.both import Connect, awaited, blocking


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
