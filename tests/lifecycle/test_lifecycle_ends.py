"""The portal and its pump where an end comes at an odd moment: too early, too late, or not at all."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator

import pytest

from lightfield import ClientClosedError
from lightfield._portal import Portal
from lightfield._pump import Pump
from tests.lifecycle.script import run


async def nothing() -> None:
    pass


async def endless() -> AsyncGenerator[int]:
    while True:
        yield 1


async def test_pump_that_ends_before_anything_was_taken_takes_nothing() -> None:
    pump = Pump(endless())
    pump.cancel()
    await pump.stop()
    assert len(asyncio.all_tasks()) == 1


def test_portal_whose_farewell_takes_for_ever_closes_all_the_same() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    portal = Portal("hanging", hang)
    portal.call(nothing())
    begun = time.monotonic()
    portal.close()
    assert time.monotonic() - begun < 2.0


def test_call_on_a_loop_that_the_interpreter_has_ended_says_that_the_client_is_closed() -> None:
    portal = Portal("ended", nothing)
    portal.call(nothing())
    end = portal._stop  # pyright: ignore[reportPrivateUsage]
    assert end is not None
    end()  # as the interpreter does
    with pytest.raises(ClientClosedError, match="The client is closed"):
        portal.call(nothing())


def test_thread_that_cannot_be_started_is_a_clear_error_and_leaves_nothing() -> None:
    portal = Portal("threadless", nothing)
    usual = threading.stack_size(1 << 46)  # more than there is
    try:
        with pytest.raises(
            ClientClosedError, match="The thread of the client cannot be started: can't start new thread"
        ):
            portal.call(nothing())
    finally:
        threading.stack_size(usual)
    portal.call(nothing())
    portal.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_without_a_client_loads_nothing() -> None:
    program = """
import os, sys
from lightfield import AsyncLightfield
child = os.fork()
if not child:
    os._exit("aiohttp" in sys.modules)
print(os.waitpid(child, 0)[1])
"""
    assert run(program) == "0\n"
