"""Canaries: a newer aiohttp that changes what the connector relies on fails here, by its behaviour on real sockets."""

import asyncio
import gc
import socket
import warnings
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from lightfield._http.connector import Connecting, Connector, disable_own_retries, new_resolver
from lightfield._protocol.request import Reuse
from tests.client.both import until
from tests.faults.server import FIN, FaultServer, http

ANSWER = http(200, b"first")
STRAY = http(200, b"stray")


RESTED = 0.1


@asynccontextmanager
async def opened() -> AsyncGenerator[tuple[Any, Connecting]]:
    connecting: Connecting = {}
    async with aiohttp.ClientSession(connector=Connector(None, connecting)) as session:
        yield session, connecting


async def get(session: Any, server: FaultServer) -> bytes:
    async with session.get(server.base_url) as response:
        body: bytes = await response.read()
    return body


async def failed(session: Any, url: str, connecting: Connecting, sent: list[float]) -> bool:
    """Make a request that fails; return whether it had no connection."""
    connecting[asyncio.current_task()] = sent.append, "any"
    with pytest.raises((aiohttp.ClientError, TimeoutError)):
        async with asyncio.timeout(0.2), session.get(url):
            pass
    return connecting.pop(asyncio.current_task(), None) is not None


async def test_aiohttp_gets_each_connection_from_connect() -> None:
    sent: list[float] = []
    before = asyncio.get_running_loop().time()
    async with opened() as (session, connecting):
        with FaultServer(FIN) as server:
            message = "aiohttp no longer calls BaseConnector.connect, or lets it end before a connection is made"
            assert await failed(session, "http://127.0.0.1:9", connecting, sent), message
            assert sent == [], message
            assert not await failed(session, server.base_url, connecting, sent), message
            assert before < sent[0] <= asyncio.get_running_loop().time()
        assert connecting == {}


async def test_a_task_is_told_of_each_connection_that_it_gets() -> None:
    sent: list[float] = []
    async with opened() as (session, connecting):
        with FaultServer(ANSWER) as server:
            for _ in range(3):
                connecting[asyncio.current_task()] = sent.append, "any"
                await get(session, server)
    assert server.connections == 1
    assert len(sent) == 3
    assert sent == sorted(sent)


async def test_pooled_connection_that_received_data_is_not_used() -> None:
    with FaultServer([ANSWER, 0.05, STRAY], http(200, b"second")) as server:
        async with opened() as (session, _):
            assert await get(session, server) == b"first"
            await asyncio.sleep(0.2)
            message = "Connection.protocol.should_close no longer tells that data arrived on an idle connection"
            assert await get(session, server) == b"second", message
        assert server.connections == 2


async def test_pooled_connection_is_used_again() -> None:
    with FaultServer(ANSWER) as server:
        async with opened() as (session, _):
            for _ in range(3):
                assert await get(session, server) == b"first"
        message = "Connection.protocol.should_close is now true of connections that can be used again"
        assert server.connections == 1, message


@pytest.mark.parametrize(
    ("reuse", "wait", "pooled"),
    [("any", 0.0, True), ("rested", 0.0, False), ("rested", RESTED, True), ("none", RESTED, False)],
)
async def test_a_task_says_which_pooled_connections_it_may_have(reuse: Reuse, wait: float, *, pooled: bool) -> None:
    task, sent = asyncio.current_task(), list[float]()
    with FaultServer(ANSWER) as server:
        async with opened() as (session, connecting):
            await get(session, server)
            await asyncio.sleep(wait)
            connecting[task] = sent.append, reuse
            await get(session, server)
            assert connecting == ({task: None} if pooled else {})
            connecting.clear()
            await asyncio.sleep(RESTED)
            await get(session, server)
    message = "BaseConnector.connect no longer looks into the pool with _get, or _conns no longer tells since when"
    assert (server.connections, len(sent)) == (2 - pooled, 1), message


def leave(_: Any) -> None:
    pass


@pytest.mark.parametrize(("disable", "requests"), [(disable_own_retries, 2), (leave, 3)])
async def test_own_retries_are_disabled(disable: Callable[[Any], None], requests: int) -> None:
    """aiohttp repeats an idempotent request only where a pooled connection breaks; without the switch it does so."""
    with FaultServer(ANSWER, FIN, ANSWER) as server:
        async with opened() as (session, _):
            disable(session)
            await get(session, server)
            outcome = await asyncio.gather(get(session, server), return_exceptions=True)
        message = f"ClientSession._retry_connection no longer switches retries off; the second request gave {outcome}"
        assert len(server.requests) == requests, message


async def test_detached_connector_finalizes_nothing() -> None:
    with FaultServer([http(200, b"fi", length=5), 0.05, b"rst"]) as server:
        connector = Connector(None, {})
        session: Any = aiohttp.ClientSession(connector=connector)
        async with session.get(server.base_url) as response:
            protocol = response.connection.protocol
            await response.read()
        connector.detach_after_fork()
        session.detach()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            del connector, session
            gc.collect()
        message = "BaseConnector._conns no longer holds the pool: a forked process would close its parent's connections"
        assert not server.hung_up.wait(0.1), message
        protocol.close()
        await until(server.hung_up.is_set)


async def test_an_address_keeps_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = socket.if_nametoindex(socket.if_nameindex()[0][1])
    found = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 80, 0, zone))

    def look_up(*_: object, **__: object) -> list[Any]:
        return [found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    resolver = new_resolver()
    assert resolver is not None
    (address,) = await resolver.resolve("router.test", 80)
    message = "ThreadedResolver no longer asks its loop for the addresses and the names of zones"
    assert address["host"].startswith("fe80::1%"), message
    assert (address["hostname"], address["port"]) == ("router.test", 80), message
