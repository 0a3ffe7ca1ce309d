"""What every row of the page on reliability is put through: a fault that passes, and a fault that stays."""

import asyncio
import random
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from lightfield import APIConnectionError, APIError, AsyncLightfield
from tests.client.both import KEY, Connect, awaited
from tests.faults.calls import Call, read
from tests.faults.server import ID, OPPORTUNITY, FaultServer, Reply, header, http
from tests.faults.test_faults_secrets import everything

GOOD = http(200, OPPORTUNITY)
_LOW = 2_840_721  # with this seed, the first five numbers drawn are below 0.06


def name(connect: Connect) -> str:
    """Say which kind of client is made, to a program of its own."""
    return "awaited" if connect is awaited else "blocking"


@contextmanager
def short_pauses() -> Generator[None]:
    """Let the dice fall low: the pauses between attempts, which are random up to a bound, are short."""
    random.seed(_LOW)
    yield
    random.seed()


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
    with short_pauses(), FaultServer(*script) as server:
        async with connect(server.base_url, **options) as client:
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
    """Make a call that meets the same fault in both of its attempts."""
    with short_pauses(), FaultServer(fault) as server:
        async with connect(server.base_url, **{"max_retries": 1, **options}) as client:
            with pytest.raises(APIError, match=match) as caught:
                await call(client)
    check(caught.value, call, kind)
    assert len(server.requests) == 2
    check_same(server, call)
    return caught.value


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
