"""Fixtures of the tests that run against a server that misbehaves."""

import pytest

from tests.faults.calls import Call, read, write


@pytest.fixture(params=[read, write], ids=["read", "write"])
def call(request: pytest.FixtureRequest) -> Call:
    """Make a call: the test runs once with a read, once with a write."""
    kind: Call = request.param
    return kind
