"""A Redis for the tests of limits that are shared on one."""

from collections.abc import Iterator

import pytest

from tests.sharing.server import RedisServer


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running
