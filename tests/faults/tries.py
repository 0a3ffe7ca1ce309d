"""A call that meets a fault which passes, or one which stays: what holds whichever fault it is."""

import asyncio
import time
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from lightfield import APIError
from tests.client.both import KEY, Connect
from tests.faults.calls import Call, read, write
from tests.faults.rows import GOOD, check_same, heals, short_pauses
from tests.faults.server import FaultServer, Reply, header
from tests.secrets.seen import everything

E = TypeVar("E", bound=APIError)


def apart() -> dict[str, Any]:
    """Give options with which a client has lanes of its own, and not those of an earlier server at the same port."""
    return {"rate_limit_group": str(uuid4())}


async def healed(connect: Connect, call: Call, *faults: Reply, **options: object) -> float:
    """Make a call that meets these faults and then succeeds; say how many seconds it took, with short pauses."""
    began = time.monotonic()
    await heals(connect, call, *faults, GOOD, **apart(), **options)
    return time.monotonic() - began


async def all_healed(connect: Connect, *faults: Reply) -> list[float]:
    """Heal a read and a write from each fault, all at once: for faults whose pause cannot be made short."""
    return await asyncio.gather(*(healed(connect, call, fault) for call in (read, write) for fault in faults))


async def failed(connect: Connect, call: Call, kind: type[E], *script: Reply, **options: object) -> E:
    """Make a call that fails with an error of that very class, and give the error.

    It knows every attempt and the key of a write, fits a log line and shows no secret.
    """
    with short_pauses(), FaultServer(*script) as server:
        async with connect(server.base_url, **apart(), **options) as client:
            with pytest.raises(kind) as caught:
                await call(client)
    error = caught.value
    assert type(error) is kind
    assert len(error.attempts) == len(server.requests)
    assert header(server.requests[0], "Idempotency-Key") == error.idempotency_key
    check_same(server, call)
    assert str(error).isprintable()
    assert len(str(error)) < 500
    assert all(len(attempt.error) <= 200 for attempt in error.attempts)
    assert KEY not in everything(error)
    return error


async def once(connect: Connect, call: Call, kind: type[E], reply: Reply) -> E:
    """Make one attempt, which fails, and give its error."""
    return await failed(connect, call, kind, reply, max_retries=0)
