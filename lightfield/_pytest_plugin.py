"""The pytest plugin: three fixtures and a marker. Importing it loads neither the sandbox nor a client."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightfield import AsyncLightfield, Lightfield
    from lightfield.testing import Sandbox

_MARKER = "lightfield_sandbox"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    line = f"{_MARKER}(**options): options of the sandbox that the fixture lightfield_sandbox starts for this test."
    config.addinivalue_line("markers", line)


@pytest.fixture
def lightfield_sandbox(request: pytest.FixtureRequest) -> "Iterator[Sandbox]":
    """A running `lightfield.testing.Sandbox` of this test's own, without a rate limit.

    `@pytest.mark.lightfield_sandbox(opportunities=3)` sets its options; those of a marked class or module hold for its
    tests, and the closest marker wins. For one that several tests share, define a fixture of this name and a wider
    scope in your conftest.py.
    """
    with _start_sandbox(request.node) as sandbox:
        yield sandbox


@pytest.fixture
def lightfield_client(lightfield_sandbox: "Sandbox") -> "Iterator[Lightfield]":
    """A blocking `Lightfield` for `lightfield_sandbox`."""
    with lightfield_sandbox.client() as client:
        yield client


@pytest.fixture
def async_lightfield_client(lightfield_sandbox: "Sandbox") -> "Iterator[AsyncLightfield]":
    """An `AsyncLightfield` for `lightfield_sandbox`, on whichever event loop uses it first.

    It needs no plugin for asynchronous tests: a plain test may use it in `asyncio.run`.
    """
    from lightfield.testing._clients import close_from_outside

    client = lightfield_sandbox.async_client()
    yield client
    close_from_outside(client)


def _start_sandbox(test: pytest.Item) -> "Sandbox":
    from lightfield.testing import Sandbox

    try:
        sandbox = Sandbox(**_options(test))
        sandbox.start()
    except (TypeError, ValueError, OSError) as error:
        problem = f"@pytest.mark.{_MARKER}: {error}"
    else:
        return sandbox
    pytest.fail(problem, pytrace=False)


def _options(test: pytest.Item) -> dict[str, Any]:
    """Return the options of all markers of a test, the closest last."""
    options: dict[str, Any] = {"rate_limit": None}
    for marker in [*test.iter_markers(_MARKER)][::-1]:
        if marker.args:
            raise TypeError(f"options are given by name, such as opportunities=3, not {marker.args[0]!r}")
        options |= marker.kwargs
    return options
