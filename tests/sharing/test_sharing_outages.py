"""A Redis that is unavailable, silent or failing fails no call: the client paces itself meanwhile."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from lightfield import ClientClosedError
from lightfield.integrations.redis import RECONNECT_INTERVAL, RESPONSE_TIMEOUT, RedisLimits
from lightfield.testing import Sandbox
from tests.client.both import Connect, awaited, blocking, until
from tests.sharing.server import HOST, RedisServer, free_port

UNAVAILABLE = "Redis is unavailable ({}): using a local rate limit."
AVAILABLE = "Redis is available again: the rate limit is shared."


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "lightfield"]


@pytest.fixture
def mute() -> Iterator[str]:
    """Something that takes every connection and says nothing."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield f"redis://{HOST}:{listener.getsockname()[1]}"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(opportunities=60, rate_limit=40) as running:
        yield running


async def test_where_no_redis_is_the_client_keeps_the_pace_alone(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    limits = RedisLimits(f"redis://{HOST}:{free_port()}", read=40)
    async with blocking(sandbox.base_url, rate_limits=limits) as client:
        result = await client.opportunity.retrieve_many(sandbox.opportunity_ids)
        await asyncio.sleep(RECONNECT_INTERVAL)
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
    assert (len(result.values), sandbox.throttled) == (60, 0)
    assert said(caplog) == [UNAVAILABLE.format("ConnectionError")]


async def test_a_redis_that_is_killed_fails_nothing_and_is_used_again_when_it_is_back(
    redis_server: RedisServer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    limits = RedisLimits(redis_server.url, read=40)
    async with (
        awaited(sandbox.base_url, rate_limits=limits) as one,
        blocking(sandbox.base_url, rate_limits=limits) as other,
    ):
        ids = sandbox.opportunity_ids
        bulk = asyncio.gather(*(client.opportunity.retrieve_many(ids) for client in (one, other)))
        await until(lambda: len(sandbox.requests) >= 40)
        await asyncio.to_thread(redis_server.kill)
        results = await bulk
        assert [(len(result.values), result.errors) for result in results] == [(60, {})] * 2
        assert said(caplog) == [UNAVAILABLE.format("ConnectionError")] * 2
        await asyncio.to_thread(redis_server.start)
        async with asyncio.timeout(10):
            while said(caplog).count(AVAILABLE) < 2:
                await asyncio.gather(*(client.opportunity.retrieve(ids[0]) for client in (one, other)))
        before, began = len(sandbox.requests), time.monotonic()
        await asyncio.gather(*(client.opportunity.retrieve(id) for id in ids[:15] for client in (one, other)))
        assert time.monotonic() - began >= (len(sandbox.requests) - before - 5) / 40
    assert sorted(said(caplog)) == [AVAILABLE] * 2 + [UNAVAILABLE.format("ConnectionError")] * 2


async def test_a_redis_that_never_answers_delays_one_call_only(
    mute: str, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with awaited(sandbox.base_url, rate_limits=RedisLimits(mute)) as client:
        waits: list[float] = []
        for _ in range(8):
            began = time.monotonic()
            await client.opportunity.retrieve(sandbox.opportunity_ids[0])
            waits.append(time.monotonic() - began)
        await asyncio.sleep(RECONNECT_INTERVAL + 2 * RESPONSE_TIMEOUT)
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
    assert waits[0] >= 0.9 * RESPONSE_TIMEOUT
    assert sum(waits) <= 2.5 * RESPONSE_TIMEOUT
    assert said(caplog) == [UNAVAILABLE.format("TimeoutError")]


async def test_what_answers_slowly_and_is_no_redis_delays_no_call_by_more_than_the_patience(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    id = sandbox.opportunity_ids[0]
    # depends on whether two commands arrive in one piece or two
    unavailable = [[UNAVAILABLE.format(name)] for name in ("ValueError", "TimeoutError")]

    async def drawl(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            await asyncio.sleep(0.8 * RESPONSE_TIMEOUT)
            writer.write(b"+OK\r\n")
        writer.close()

    async with await asyncio.start_server(drawl, HOST, 0) as server:
        url = f"redis://{HOST}:{server.sockets[0].getsockname()[1]}?protocol=2"
        async with awaited(sandbox.base_url, rate_limits=RedisLimits(url)) as client:
            began = time.monotonic()
            await client.opportunity.retrieve(id)
            assert time.monotonic() - began <= 1.5 * RESPONSE_TIMEOUT
            await until(lambda: said(caplog) in unavailable)
            began = time.monotonic()
            await asyncio.gather(*(client.opportunity.retrieve(id) for _ in range(5)))
            assert time.monotonic() - began <= RESPONSE_TIMEOUT
    assert said(caplog) in unavailable


async def test_closing_does_not_wait_for_a_redis_that_says_nothing(mute: str, sandbox: Sandbox) -> None:
    async with awaited(sandbox.base_url, rate_limits=RedisLimits(mute)) as client:
        call = asyncio.gather(client.opportunity.retrieve(sandbox.opportunity_ids[0]), return_exceptions=True)
        await until(lambda: client.rate_limits["Read"].waiting == 1)
        await asyncio.sleep(0.2 * RESPONSE_TIMEOUT)
        began = time.monotonic()
        await client.close()
        assert time.monotonic() - began <= 0.5 * RESPONSE_TIMEOUT
    assert isinstance((await call)[0], ClientClosedError)


async def test_a_redis_that_falls_silent_delays_no_call_by_more_than_the_patience(
    redis_server: RedisServer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    id = sandbox.opportunity_ids[0]
    async with awaited(sandbox.base_url, rate_limits=RedisLimits(redis_server.url)) as client:
        await client.opportunity.retrieve(id)
        redis_server.freeze()
        try:
            began = time.monotonic()
            await asyncio.gather(*(client.opportunity.retrieve(id) for _ in range(5)))
            assert time.monotonic() - began <= 3 * RESPONSE_TIMEOUT
            await until(lambda: said(caplog) == [UNAVAILABLE.format("TimeoutError")])
        finally:
            redis_server.thaw()
        async with asyncio.timeout(10):
            while AVAILABLE not in said(caplog):
                await client.opportunity.retrieve(id)


async def test_a_connection_that_was_dropped_meanwhile_is_made_anew_without_a_word(
    connect: Connect, redis_server: RedisServer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with connect(sandbox.base_url, rate_limits=RedisLimits(redis_server.url)) as client:
        for _ in range(3):
            await client.opportunity.retrieve(sandbox.opportunity_ids[0])
            redis_server.do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            await asyncio.sleep(0.05)
    assert redis_server.slots() >= 3
    assert said(caplog) == []


async def test_a_key_that_something_else_uses_is_no_reason_to_fail(
    redis_server: RedisServer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with awaited(sandbox.base_url, rate_limits=RedisLimits(redis_server.url)) as client:
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        (key,) = redis_server.keys()
        redis_server.do("LPUSH", key, "something else")
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert said(caplog) == []
        redis_server.do("DEL", key)
        redis_server.do("SET", key, "something else")
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
    assert said(caplog) == [UNAVAILABLE.format("ResponseError")]
