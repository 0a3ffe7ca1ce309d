"""The ``conftest.py`` of the official SDK's tests: clients of whichever package is installed, official or ours.

It runs in the official SDK's environment too, so that it imports nothing else that is installed.
"""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.request import urlopen

import pytest

import lightfield
from lightfield import AsyncLightfield, DefaultAioHttpClient, Lightfield

URL = os.environ["TEST_API_BASE_URL"]
OPTIONS: dict[str, Any] = {
    "base_url": URL,
    "api_key": "My API Key",
    "default_headers": {"X-Stainless-Lang": "python"},
}
"""The official SDK sends this header of its own accord and its tests look for it."""

OURS = hasattr(lightfield, "RateLimits")
"""Whether the package is ours."""


@pytest.fixture(autouse=True)
def _begin(request: pytest.FixtureRequest) -> None:
    """Tell the recorder whose requests come next."""
    urlopen(f"{URL}/begin", request.node.nodeid.encode()).close()


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Iterator[Lightfield]:
    with Lightfield(**_options(request)) as made:
        yield made


@pytest.fixture(scope="session")
async def async_client(request: pytest.FixtureRequest) -> AsyncIterator[AsyncLightfield]:
    options = _options(request)
    if getattr(request, "param", None) == {"http_client": "aiohttp"}:
        options["http_client"] = DefaultAioHttpClient()
    async with AsyncLightfield(**options) as made:
        yield made


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Give the options of the client that a test asks for. Ours is always strict, and has rate limits to turn off."""
    if OURS:
        return {**OPTIONS, "rate_limits": None}
    return {**OPTIONS, "_strict_response_validation": request.param is not False}
