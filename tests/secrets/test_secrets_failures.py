"""No failure shows a secret: in no text, attribute, cause, pickle, log line, or variable of a frame.

Secrets are the API key, a proxy's password and what signs an address. Everything is logged that can be.
"""

import asyncio
import logging
from collections.abc import Iterator

import pytest

from tests.client.both import Connect
from tests.secrets.failures import CANCELLATIONS, FAILURES, Fail
from tests.secrets.seen import everything, found, records


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.LogCaptureFixture]:
    """Log everything, also what event loops and aiohttp have to say."""
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")  # for the loop of the blocking client
    monkeypatch.delenv("SSLKEYLOGFILE", raising=False)
    caplog.set_level(logging.DEBUG)
    for name in ("aiohttp", "aiohttp.client", "aiohttp.internal", "asyncio", "lightfield"):
        caplog.set_level(logging.DEBUG, name)
    yield caplog
    assert found(records(caplog.records)) == []


def debug_loop() -> None:
    """Have the running loop check everything, and log every callback as a slow one."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
async def test_no_failure_shows_a_secret(connect: Connect, fail: Fail) -> None:
    debug_loop()
    error = await fail(connect)
    assert found(everything(error)) == []


@pytest.mark.parametrize("name", CANCELLATIONS)
async def test_no_cancellation_shows_a_secret(name: str) -> None:
    debug_loop()
    error = await CANCELLATIONS[name]()
    assert isinstance(error, asyncio.CancelledError | TimeoutError)
    assert found(everything(error)) == []
