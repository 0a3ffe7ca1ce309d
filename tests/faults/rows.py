"""What every row of the page on reliability is put through: a fault that passes, and a fault that stays.

``heals`` and ``fails`` know how often a call is made and what its error says; ``healed``, ``failed`` and ``once`` check
what holds whatever the fault is, and give seconds and errors to look at.
"""

import asyncio
import time
from typing import Any, TypeVar

import pytest

from lightfield import (
    APIConnectionError,
    APIError,
    APIProtocolError,
    APIResponseValidationError,
    AsyncLightfield,
    RateLimits,
)
from tests.client.both import KEY, Connect, awaited
from tests.faults.calls import Call, read, write
from tests.faults.server import ID, OPPORTUNITY, FaultServer, Reply, header, http
from tests.secrets.seen import everything

E = TypeVar("E", bound=APIError)

GOOD = http(200, OPPORTUNITY)
QUICK: dict[str, Any] = {"rate_limits": RateLimits(read=1_000, write=1_000)}
"""Lanes in which nobody waits for long: for tests of something else."""

_GARBLED = (APIProtocolError, APIResponseValidationError)


def name(connect: Connect) -> str:
    """Say which kind of client is made, to a program of its own."""
    return "awaited" if connect is awaited else "blocking"


def ended(client: AsyncLightfield, call: Call) -> int:
    """Count the attempts of such calls that have ended."""
    lane = client.rate_limits["Read" if call is read else "Write"]
    return lane.granted - lane.in_flight


def check(error: APIError, call: Call, kind: type[APIError], *, attempts: int = 2) -> None:
    """Check what is the same for every failure of ``call``, whatever its reason."""
    assert type(error) is kind
    assert len(error.attempts) == attempts
    assert str(error).startswith(f"GET /v1/opportunities/{ID}: " if call is read else "POST /v1/opportunities: ")
    assert (error.idempotency_key is None) == (call is read)
    assert not error.deadline_exceeded
    assert KEY not in everything(error)


def check_unsent(error: APIConnectionError, call: Call, kind: type[APIError], *, attempts: int = 2) -> None:
    """Check a failure that came before the request was sent, and was worth another attempt."""
    check(error, call, kind, attempts=attempts)
    assert (error.sent, error.permanent) == (False, False)


def check_same(server: FaultServer, call: Call) -> None:
    """Check that every attempt was the same to the byte: a write also has the same ``Idempotency-Key``."""
    assert len(set(server.requests)) == 1
    assert (header(server.requests[0], "Idempotency-Key") is None) == (call is read)


async def heals(connect: Connect, call: Call, *script: Reply, **options: object) -> FaultServer:
    """Make a call whose first attempts fail; the last reply of the script is the one that it ends with."""
    with FaultServer(*script) as server:
        async with connect(server.base_url, **{**QUICK, **options}) as client:
            assert (await call(client)).id == ID
    assert len(server.requests) == len(script)
    check_same(server, call)
    return server


async def fails(
    connect: Connect,
    call: Call,
    fault: Reply,
    match: str,
    kind: type[APIError] = APIConnectionError,
    **options: object,
) -> APIError:
    """Make a call that meets the same fault in both of its attempts: no more are allowed, or of use."""
    retries = 5 if kind in _GARBLED else 1
    error = await failed(connect, call, kind, fault, match=match, **{"max_retries": retries, **options})
    check(error, call, kind)
    return error


async def passes_or_stays(
    connect: Connect,
    call: Call,
    fault: Reply,
    match: str,
    kind: type[APIError] = APIConnectionError,
    **options: object,
) -> None:
    """Put a call through a fault after sending: once, which the next attempt heals; and for ever, which is raised."""
    healing = heals(connect, call, fault, GOOD, **options)
    _, error = await asyncio.gather(healing, fails(connect, call, fault, match, kind, **options))
    if isinstance(error, APIConnectionError):
        assert (error.sent, error.permanent) == (True, False)


async def healed(connect: Connect, call: Call, *faults: Reply, **options: object) -> float:
    """Make a call that meets these faults and then succeeds; say how many seconds it took."""
    began = time.monotonic()
    await heals(connect, call, *faults, GOOD, **options)
    return time.monotonic() - began


async def all_healed(connect: Connect, *faults: Reply) -> list[float]:
    """Heal a read and a write from each fault, all at once: for faults whose pause cannot be made short."""
    return await asyncio.gather(*(healed(connect, call, fault) for call in (read, write) for fault in faults))


async def failed(
    connect: Connect, call: Call, kind: type[E], *script: Reply, match: str | None = None, **options: object
) -> E:
    """Make a call that fails with an error of that very class, and give the error.

    It knows every attempt and the key of a write, fits a log line and shows no secret.
    """
    with FaultServer(*script) as server:
        async with connect(server.base_url, **{**QUICK, **options}) as client:
            with pytest.raises(kind, match=match) as caught:
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
