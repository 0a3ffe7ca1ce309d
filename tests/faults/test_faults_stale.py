"""Kept-alive connections that the server closes without saying so: that is no failure of the server, and costs nothing.

With ``retry_budget=0`` no retry can be paid for, so a call that succeeds after a lost connection got it for nothing.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager, closing, suppress
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from lightfield import APIConnectionError, APITimeoutError, AsyncLightfield, NotFoundError
from tests.client.both import KEY, Connect, until
from tests.faults.calls import Call, read, write
from tests.faults.certificates import certified, trusting
from tests.faults.rows import GOOD, QUICK, check_same
from tests.faults.server import FIN, ID, OPPORTUNITY, RST, STALL, FaultServer, Reply, header, http
from tests.secrets.seen import everything

if TYPE_CHECKING:
    import ssl

DONE = http(200, {**OPPORTUNITY, "sentAt": "2026-05-01T16:00:00Z"})
FREE: dict[str, Any] = {**QUICK, "retry_budget": 0}
REST = 0.1
"""Seconds after which a connection is taken for one that the server keeps, too."""

authority = trustme.CA(key_type=trustme.KeyType.ECDSA)


def send(client: AsyncLightfield) -> Awaitable[Any]:
    """Send an e-mail, which must not be done twice."""
    return client.email.send(from_="a@x.com", to=["b@y.com"], subject="Hi", message_body={"content": "Hello"})


class Brusque:
    """Closes each connection after some responses, in none of which it says so."""

    def __init__(self, *, responses: int = 1, pause: float = 0.001, version: str = "1.1", tls: bool = False) -> None:
        self.requests: list[bytes] = []
        self.connections = self._open = 0
        self._responses, self._pause = responses, pause
        keep = {"Connection": "keep-alive"} if version == "1.0" else {}
        self._answer = http(200, {**OPPORTUNITY, "sentAt": "2026-05-01T16:00:00Z"}, keep)
        self._answer = self._answer.replace(b"HTTP/1.1", f"HTTP/{version}".encode())
        self.tls: ssl.SSLContext | None = certified(authority.issue_cert("localhost")) if tls else None

    @asynccontextmanager
    async def listen(self) -> AsyncGenerator[str]:
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls) as server:
            yield f"http{'s' if self.tls else ''}://localhost:{server.sockets[0].getsockname()[1]}"
        await until(lambda: self._open == 0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open += 1
        with closing(writer), suppress(asyncio.IncompleteReadError, OSError):
            for _ in range(self._responses):
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(int(header(head, "Content-Length") or 0))
                self.requests.append(head + body)
                await asyncio.sleep(0.02)
                writer.write(self._answer)
            await asyncio.sleep(self._pause)
        self._open -= 1


SERVERS: dict[str, dict[str, Any]] = {
    "a-millisecond-later": {},
    "at-once": {"pause": 0},
    "after-three": {"responses": 3},
    "http-1.0": {"version": "1.0"},
    "tls": {"tls": True, "pause": 0},
    "tls-a-millisecond-later": {"tls": True},
}


@pytest.mark.parametrize("kind", SERVERS)
async def test_row_22_server_that_closes_after_its_responses(connect: Connect, kind: str) -> None:
    server = Brusque(**SERVERS[kind])
    options = {**FREE, "ssl_context": trusting(authority)} if server.tls else FREE
    async with server.listen() as url, connect(url, **options) as client:
        result = await client.opportunity.retrieve_many([f"opp_{number}" for number in range(200)])
        attempts = client.rate_limits["Read"].granted
    assert (len(result.values), result.errors, len(server.requests)) == (200, {}, 200)
    assert attempts < 300  # once a connection was lost, the others rest before they are used again: else it is 368


async def test_each_write_to_such_a_server_is_done_once(connect: Connect) -> None:
    server = Brusque()
    async with server.listen() as url, connect(url, **FREE) as client:
        plan = client.plan.opportunity
        work = [plan.create(fields={"$name": str(n)}, relationships={"$account": "acc_1"}) for n in range(100)]
        result = await client.bulk(work)
    assert (len(result.values), result.errors) == (100, {})
    assert len({header(request, "Idempotency-Key") for request in server.requests}) == len(server.requests) == 100


async def test_row_22_what_is_sent_once_uses_no_connection_that_may_be_closing(connect: Connect) -> None:
    server = Brusque(pause=0.005)
    async with server.listen() as url, connect(url, **FREE) as client:
        for _ in range(20):
            await send(client)
    assert len(server.requests) == 20


async def test_after_one_loss_no_other_call_uses_such_a_connection(connect: Connect, call: Call) -> None:
    server = Brusque(pause=0.005)
    async with server.listen() as url, connect(url, max_retries=0, **FREE) as client:
        lost: list[APIConnectionError] = []
        for _ in range(20):
            try:
                await call(client)
            except APIConnectionError as error:
                lost.append(error)
    assert len(lost) <= 1
    assert all(error.stale for error in lost)
    assert len(server.requests) + len(lost) == 20


async def test_what_is_sent_once_uses_a_connection_that_has_rested(connect: Connect) -> None:
    with FaultServer(DONE) as server:
        async with connect(server.base_url, **QUICK) as client:
            for _ in range(3):
                await send(client)
                await asyncio.sleep(REST)
    assert (len(server.requests), server.connections) == (3, 1)


async def test_row_22_after_one_loss_what_is_sent_once_uses_new_connections_only(connect: Connect) -> None:
    """The server may take longer than any rest to close a connection."""
    with FaultServer(GOOD, FIN, GOOD, DONE) as server:
        async with connect(server.base_url, **FREE) as client:
            await read(client)
            await read(client)
            for _ in range(2):
                await asyncio.sleep(REST)
                await send(client)
    assert (len(server.requests), server.connections) == (5, 4)


async def test_a_bounded_number_of_connections_rests(connect: Connect) -> None:
    with FaultServer(DONE) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            for _ in range(10):
                await asyncio.gather(*(send(client) for _ in range(40)))
    assert server.connections <= 40 + 65


@pytest.mark.parametrize("end", [FIN, RST], ids=["fin", "rst"])
async def test_row_22_lost_connection_is_made_up_for_at_once(connect: Connect, call: Call, end: Reply) -> None:
    with FaultServer(GOOD, end, GOOD) as server:
        async with connect(server.base_url, max_retries=1, **FREE) as client:
            await call(client)
            assert (await call(client)).id == ID
    assert (len(server.requests), server.connections) == (3, 2)
    if call is write:
        keys = [header(request, "Idempotency-Key") for request in server.requests]
        assert keys[0] != keys[1] == keys[2]


async def test_it_is_made_up_for_without_a_pause_and_does_not_count(connect: Connect, call: Call) -> None:
    with FaultServer(GOOD, FIN, http(503), http(404)) as server:
        async with connect(server.base_url, max_retries=1, **QUICK) as client:
            await call(client)
            with pytest.raises(NotFoundError) as caught:
                await call(client)
    first, second, last = caught.value.attempts
    assert (first.wait, last.wait, len(server.requests)) == (0, None, 4)
    assert second.wait
    assert caught.value.outcome_unknown


async def test_it_is_made_up_for_on_a_new_connection(connect: Connect, call: Call) -> None:
    """All that the server has kept may be gone."""
    go = threading.Event()
    with FaultServer([go, GOOD], [go, GOOD], [go, GOOD], FIN, GOOD) as server:
        async with connect(server.base_url, max_retries=1, **FREE) as client:
            calls = asyncio.gather(*(call(client) for _ in range(3)))
            await until(lambda: len(server.requests) == 3)
            go.set()
            await calls
            await call(client)
    assert (len(server.requests), server.connections) == (5, 4)


async def test_row_22_next_loss_is_a_failure(connect: Connect, call: Call) -> None:
    with FaultServer(GOOD, FIN) as server:
        async with connect(server.base_url, max_retries=5, **FREE) as client:
            await call(client)
            with pytest.raises(APIConnectionError, match="retry budget exhausted") as caught:
                await call(client)
    error = caught.value
    assert (len(error.attempts), len(server.requests), server.connections) == (2, 3, 2)
    assert (error.sent, error.outcome_unknown, error.stale) == (True, True, False)
    check_same_after_first(server, call)
    assert KEY not in everything(error)


def check_same_after_first(server: FaultServer, call: Call) -> None:
    del server.requests[0]
    check_same(server, call)


BEGUN: dict[str, Reply] = {
    "head-cut": [b"HTTP/1.1 200 OK\r\nContent-", FIN],
    "body-cut": [http(200, b"{", length=99), FIN],
    "body-reset": [http(200, b"{", length=99), 0.05, RST],
    "503": http(503),
}


@pytest.mark.parametrize("name", BEGUN)
async def test_a_response_that_has_begun_makes_it_a_failure(connect: Connect, call: Call, name: str) -> None:
    with FaultServer(GOOD, BEGUN[name]) as server:
        async with connect(server.base_url, **FREE) as client:
            await call(client)
            with pytest.raises(Exception, match="retry budget exhausted"):
                await call(client)
    assert len(server.requests) == 2


async def test_a_kept_connection_that_is_silent_is_a_failure(connect: Connect, call: Call) -> None:
    with FaultServer(GOOD, STALL) as server:
        async with connect(server.base_url, timeout=0.3, **FREE) as client:
            await call(client)
            with pytest.raises(APITimeoutError, match="retry budget exhausted"):
                await call(client)
    assert len(server.requests) == 2


async def test_what_must_not_be_repeated_is_sent_once_on_a_lost_connection(connect: Connect) -> None:
    with FaultServer(DONE, FIN) as server:
        async with connect(server.base_url, **QUICK) as client:
            await send(client)
            await asyncio.sleep(REST)
            with pytest.raises(APIConnectionError) as caught:
                await send(client)
    error = caught.value
    assert (len(server.requests), server.connections, len(error.attempts)) == (2, 1, 1)
    assert (error.sent, error.outcome_unknown, error.stale, error.retry_budget_exhausted) == (True, True, True, False)


async def test_a_connection_that_is_reset_under_a_large_body_is_made_up_for(connect: Connect) -> None:
    """The client is still sending: what fails is writing."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(asyncio.IncompleteReadError, OSError):
            while True:
                heads.append(head := await reader.readuntil(b"\r\n\r\n"))
                if len(heads) == 2:
                    writer.transport.abort()
                await reader.readexactly(int(header(head, "Content-Length") or 0))
                writer.write(GOOD)

    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # inherited: most of the body has to wait
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = await asyncio.start_server(serve, sock=listener)
    async with server, connect(url, max_retries=1, **FREE) as client:
        await read(client)
        fields = {"$name": "x" * 1_000_000}
        assert (await client.opportunity.create(fields=fields, relationships={"$account": "acc_1"})).id == ID
    assert len(heads) == 3
