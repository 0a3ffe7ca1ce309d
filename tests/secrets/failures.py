"""Every way to fail, by name. Each makes a client with the secrets in it, fails, and gives what was raised.

No frame of this module that an error passes through may hold a secret in a variable: it would be found there.
"""

import asyncio
import gzip
import pickle
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias

import trustme

from lightfield import AsyncLightfield, LightfieldError, Timeout
from lightfield._files.progress import TransferHook
from tests.client.both import Connect, awaited, until
from tests.faults.certificates import certified
from tests.faults.server import FIN, ID, OPPORTUNITY, RST, STALL, FaultServer, Reply, http
from tests.faults.storage import HEADERS, StorageServer
from tests.secrets.seen import KEY, PASSWORD, SIGNED

Fail: TypeAlias = Callable[[Connect], Awaitable[BaseException]]

ECHO = f'{{"echo": "Authorization: Bearer {KEY}"}}'.encode()
ECHOED = {"X-Echo": f"Bearer {KEY}", "Retry-After": f"Bearer {KEY}", "X-Request-Id": KEY}
BOMB = gzip.compress(b"0" * 1_000_000)

STATUSES = [*range(300, 309), *range(400, 419), 421, 422, 423, 425, 426, 429, 451, *range(500, 509), 511, 520, 599]
ANSWERS: dict[str, Reply] = {
    **{f"status {status}": http(status, b"{}", {"Location": "https://example.invalid/a"}) for status in STATUSES},
    **{f"echo {status}": http(status, ECHO, ECHOED) for status in (200, 307, 400, 401, 404, 409, 429, 500, 503)},
    "fin": FIN,
    "rst": RST,
    "stall": STALL,
    "head stalls": [b"HTTP/1.1 200 OK\r\nContent-", STALL],
    "body cut": [http(200, b"{", length=99), RST],
    "body ends early": [http(200, b"{", length=99), FIN],
    "body stalls": [http(200, b"{", length=99), STALL],
    "garbage": [b"garbage\r\n\r\n", FIN],
    "TLS bytes": [b"\x16\x03\x01\x02\x00", FIN],
    "bad chunk": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", FIN],
    "two lengths": [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", FIN],
    "giant header": http(200, b"{}", {"X-Giant": "x" * 100_000}),
    "echo as status line": [f"Authorization: Bearer {KEY}\r\n\r\n".encode(), FIN],
    "echo in a bad header": [f"HTTP/1.1 200 OK\r\nX-Echo: Bearer {KEY}\x00\r\n\r\n".encode(), FIN],
    "echo as name of a header": [f"HTTP/1.1 200 OK\r\nBearer {KEY}: x\r\n\r\n".encode(), FIN],
    "echo in a bad chunk": [f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nBearer {KEY}\r\n".encode(), FIN],
    "echo in no UTF-8": http(200, b'{"id": "\xff", "x": ' + ECHO + b"}"),
    "echo in a text that is no UTF-8": http(200, f'{{"id": "Bearer {KEY} \xff"}}'.encode("latin-1")),
    "echo as encoding": http(200, b"{}", {"Content-Encoding": f"Bearer {KEY}"}),
    "echo as long encoding": http(200, b"{}", {"Content-Encoding": f"{'x' * 25}{KEY}"}),
    "echo in a head that is cut": [f"HTTP/1.1 200 OK\r\nX-Echo: {'x' * 90}Bearer {KEY}\r\n".encode(), FIN],
    "echo as Location": http(302, b"", {"Location": f"https://example.invalid/{KEY}?key={KEY}"}),
    "empty": http(200),
    "HTML": http(200, b"<html>"),
    "HTML 502": http(502, b"<html>"),
    "no gzip": http(200, b"no gzip", {"Content-Encoding": "gzip"}),
    "cut gzip": http(200, BOMB[:500], {"Content-Encoding": "gzip"}),
    "br": http(200, b"{}", {"Content-Encoding": "br"}),
    "bomb": http(200, BOMB, {"Content-Encoding": "gzip"}),
    "bomb of an error": http(500, BOMB, {"Content-Encoding": "gzip"}),
    "too large": http(200, b"0" * 20_000),
    "wait too long": http(429, b"", {"Retry-After": "3600"}),
    "deep": http(200, b"[" * 5_000),
}

REFUSALS: dict[str, Reply] = {
    **{f"status {status}": http(status, b"{}") for status in (301, 400, 403, 407, 500, 502, 503)},
    "echo 407": http(407, ECHO, {**ECHOED, "Proxy-Authenticate": "Basic"}),
    "echo as status line": [f"Proxy-Authorization: Basic {PASSWORD}\r\n\r\n".encode(), FIN],
    "fin": FIN,
    "rst": RST,
    "stall": STALL,
    "garbage": [b"garbage\r\n\r\n", FIN],
}

XML = f"<Error><Code>SignatureDoesNotMatch</Code><Resource>/a?{SIGNED}</Resource></Error>".encode()
STORED: dict[str, Reply] = {
    **{name: ANSWERS[name] for name in ("fin", "rst", "stall", "garbage", "HTML 502", "status 403", "status 429")},
    "redirect": http(307, headers={"Location": f"https://example.invalid/?{SIGNED}"}),
    "echo": http(403, XML, {"X-Echo": SIGNED}),
    "echo 503": http(503, XML),
    "echo in a bad header": [f"HTTP/1.1 200 OK\r\nX-Echo: /a?{SIGNED}\x00\r\n\r\n".encode(), FIN],
}


async def raised(call: Callable[[], Awaitable[Any]]) -> BaseException:
    """Make a call, which fails, and give what it raises, be it a cancellation."""
    try:
        await call()
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


def patience(reply: Reply) -> Timeout:
    """Give a stall up soon, and nothing else."""
    stalls = reply is STALL or (isinstance(reply, list) and STALL in reply)
    return Timeout(total=0.2 if stalls else 5)


def post(client: AsyncLightfield) -> Awaitable[Any]:
    return client.opportunity.create(fields={}, relationships={})


async def called(
    connect: Connect, base_url: str, call: Callable[[AsyncLightfield], Awaitable[Any]] = post, **options: Any
) -> BaseException:
    """Make one call, which fails."""
    async with connect(base_url, api_key=KEY, **{"max_retries": 0, "max_response_bytes": 10_000, **options}) as client:
        return await raised(partial(call, client))


async def answered(connect: Connect, *, name: str) -> BaseException:
    with FaultServer(ANSWERS[name]) as server:
        error = await called(connect, server.base_url, timeout=patience(ANSWERS[name]))
    assert KEY.encode() in server.requests[0]
    return error


async def retried(connect: Connect) -> BaseException:
    with FaultServer(http(503, ECHO)) as server:
        return await called(connect, server.base_url, max_retries=1)


async def out_of_time(connect: Connect) -> BaseException:
    with FaultServer(STALL) as server:
        return await called(connect, server.base_url, deadline=0.1)


async def unpacked(connect: Connect) -> BaseException:
    async def parse(client: AsyncLightfield) -> Any:
        response = await client.opportunity.with_raw_response.retrieve(ID)
        return await response.parse()

    with FaultServer(ANSWERS["echo 200"]) as server:
        return await called(connect, server.base_url, parse)


async def streamed(connect: Connect, *, name: str) -> BaseException:
    async def parse(client: AsyncLightfield) -> Any:
        async with client.opportunity.with_streaming_response.retrieve(ID) as response:
            return await response.parse()

    with FaultServer(ANSWERS[name]) as server:
        return await called(connect, server.base_url, parse, timeout=patience(ANSWERS[name]))


async def with_secret_headers(_: Connect, *, name: str) -> BaseException:
    """Awaited only: the frames that make a test's blocking client awaitable hold the arguments."""

    def retrieve(client: AsyncLightfield) -> Awaitable[Any]:
        return client.opportunity.retrieve(ID, extra_headers={"X-Other": PASSWORD})

    options: Any = {"timeout": patience(ANSWERS[name]), "default_headers": {"X-Gateway": PASSWORD}, "max_retries": 1}
    with FaultServer(ANSWERS[name]) as server:
        error = await called(awaited, server.base_url, retrieve, **options)
    assert server.requests[0].count(PASSWORD.encode()) == 2
    return error


async def secret_header_refused(_: Connect) -> BaseException:
    def retrieve(client: AsyncLightfield) -> Awaitable[Any]:
        return client.opportunity.retrieve(ID, extra_headers={"X-Other": f"{PASSWORD}\r\n"})

    return await called(awaited, "http://127.0.0.1:1", retrieve)


async def secret_headers_of_a_sibling_refused(_: Connect) -> BaseException:
    async with awaited("http://127.0.0.1:1", api_key=KEY) as client:
        try:
            client.with_options(default_headers={"X-Gateway": f"{PASSWORD}\r\n"})
        except LightfieldError as error:
            return error
    raise AssertionError("nothing was raised")


async def refused(connect: Connect) -> BaseException:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        return await called(connect, f"http://127.0.0.1:{silent.getsockname()[1]}")


async def unknown(connect: Connect) -> BaseException:
    return await called(connect, "https://api.lightfield.invalid")


async def untrusted(connect: Connect) -> BaseException:
    certificate = trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("localhost")
    with FaultServer(tls=certified(certificate)) as server:
        return await called(connect, server.base_url)


async def no_tls(connect: Connect) -> BaseException:
    with FaultServer(greeting=[b"garbage", FIN]) as server:
        return await called(connect, server.base_url.replace("http", "https"))


async def proxied(connect: Connect, *, name: str, scheme: str) -> BaseException:
    with FaultServer(REFUSALS[name]) as server:
        proxy = f"http://user:{PASSWORD}@{server.address}"
        options = {"proxy": proxy, "allow_http": True, "timeout": patience(REFUSALS[name])}
        return await called(connect, f"{scheme}://api.example", post, **options)


async def no_proxy(connect: Connect) -> BaseException:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        proxy = f"http://user:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}"
        return await called(connect, "https://api.example", proxy=proxy)


async def transferred(connect: Connect, *, way: str, name: str) -> BaseException:
    headers = {**HEADERS, "x-goog-token": PASSWORD}
    with StorageServer(STORED[name], headers=headers, announced=99) as server:
        error = await called(connect, server.base_url, WAYS[way])
    assert any(SIGNED in line for line in server.lines)
    assert any(PASSWORD.encode() in request for request in server.requests) == (way == "upload")
    return error


def upload(client: AsyncLightfield, progress: TransferHook | None = None) -> Awaitable[Any]:
    return client.file.upload(b"a", filename="a", deadline=1.0, progress=progress)


def download(client: AsyncLightfield, progress: TransferHook | None = None) -> Awaitable[Any]:
    return client.file.download("fil_1", deadline=1.0, progress=progress)


WAYS = {"upload": upload, "download": download}


async def undecodable_ticket(connect: Connect, *, way: str) -> BaseException:
    ticket = {"uploadUrl": f"https://example.invalid/a?{SIGNED}", "url": f"https://example.invalid/a?{SIGNED}"}
    with FaultServer(http(200, ticket)) as server:
        return await called(connect, server.base_url, WAYS[way])


async def unusable_ticket(connect: Connect, **ticket: Any) -> BaseException:
    with StorageServer(**ticket) as server:
        return await called(connect, server.base_url, upload)


async def hook_of_transfer(connect: Connect, *, way: str) -> BaseException:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    with StorageServer(http(200, b"content"), announced=7) as server:
        return await called(connect, server.base_url, partial(WAYS[way], progress=fail))


async def hook_of_waiting(connect: Connect) -> BaseException:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    async def in_turn(client: AsyncLightfield) -> None:
        await client.opportunity.retrieve(ID)
        await client.opportunity.retrieve(ID)

    with FaultServer() as server:
        return await called(connect, server.base_url, in_turn, on_wait=fail, max_rps=1)


async def misused(connect: Connect) -> BaseException:
    return await called(connect, "http://localhost:1", lambda client: client.opportunity.retrieve("../accounts"))


async def unencodable(connect: Connect) -> BaseException:
    return await called(
        connect, "http://localhost:1", lambda client: client.request("POST", "/v1/a", body={"a": object()})
    )


async def closed(connect: Connect) -> BaseException:
    async def close_first(client: AsyncLightfield) -> None:
        await client.close()
        await client.opportunity.retrieve(ID)

    return await called(connect, "http://localhost:1", close_first)


async def closed_meanwhile(connect: Connect) -> BaseException:
    with FaultServer(STALL) as server:

        async def close_meanwhile(client: AsyncLightfield) -> None:
            call = asyncio.ensure_future(client.opportunity.retrieve(ID))
            await until(server.arrived.is_set)
            await client.close()
            await call

        return await called(connect, server.base_url, close_meanwhile)


async def pickled(connect: Connect) -> BaseException:
    async def dump(client: AsyncLightfield) -> None:
        pickle.dumps(client)

    return await called(connect, "http://localhost:1", dump)


async def in_bulk(connect: Connect) -> BaseException:
    async def raise_all(client: AsyncLightfield) -> None:
        result = await client.opportunity.retrieve_many([ID, "opp_2", ".."])
        assert SIGNED not in repr(result)
        result.raise_for_errors()

    with FaultServer(http(401, ECHO)) as server:
        return await called(connect, server.base_url, raise_all)


FAILURES: dict[str, Fail] = {
    **{f"server: {name}": partial(answered, name=name) for name in ANSWERS},
    **{
        f"{scheme} proxy: {name}": partial(proxied, name=name, scheme=scheme)
        for name in REFUSALS
        for scheme in ("http", "https")
    },
    **{f"{way}: {name}": partial(transferred, way=way, name=name) for name in STORED for way in WAYS},
    **{f"{way}: undecodable ticket": partial(undecodable_ticket, way=way) for way in WAYS},
    "upload: bad address": partial(unusable_ticket, url=f"ftp://example.invalid/a?{SIGNED}"),
    "upload: bad header": partial(unusable_ticket, headers={"x-goog-token": f"{PASSWORD}\n"}),
    **{f"{way}: hook fails": partial(hook_of_transfer, way=way) for way in WAYS},
    "retried": retried,
    "out of time": out_of_time,
    "unpacked": unpacked,
    **{f"streamed: {name}": partial(streamed, name=name) for name in ANSWERS},
    **{f"secret headers: {name}": partial(with_secret_headers, name=name) for name in ("echo 503", "fin", "stall")},
    "secret header refused": secret_header_refused,
    "secret headers of a sibling refused": secret_headers_of_a_sibling_refused,
    "connection refused": refused,
    "host unknown": unknown,
    "certificate untrusted": untrusted,
    "no TLS": no_tls,
    "proxy: connection refused": no_proxy,
    "hook of waiting fails": hook_of_waiting,
    "bad id": misused,
    "bad body": unencodable,
    "closed": closed,
    "closed meanwhile": closed_meanwhile,
    "pickled": pickled,
    "bulk": in_bulk,
}
"""What fails with either client."""


async def cancelled(
    server: FaultServer, call: Callable[[AsyncLightfield], Awaitable[Any]], requests: int, max_rps: float = 1
) -> BaseException:
    """Cancel a call when the server has had some requests, and its answers so far have arrived."""
    with server:
        async with awaited(server.base_url, api_key=KEY, max_rps=max_rps) as client:
            task = asyncio.ensure_future(call(client))
            await until(lambda: len(server.requests) == requests)
            await asyncio.sleep(0.01)  # nothing tells when the client has read the beginning of an answer
            task.cancel()
            return await raised(lambda: task)


async def timed_out(server: FaultServer) -> BaseException:
    """End a call by a time-out of the caller's own."""

    async def within(client: AsyncLightfield) -> None:
        async with asyncio.timeout(0.05):
            await post(client)

    with server:
        return await called(awaited, server.base_url, within)


async def twice(client: AsyncLightfield) -> None:
    await asyncio.gather(post(client), post(client))


async def many(client: AsyncLightfield) -> None:
    await client.opportunity.retrieve_many([ID, "opp_2"])


CANCELLATIONS: dict[str, Callable[[], Awaitable[BaseException]]] = {
    "waiting": lambda: cancelled(FaultServer(STALL), post, 1),
    "reading the head": lambda: cancelled(FaultServer([b"HTTP/1.1 200 OK\r\nContent-", STALL]), post, 1),
    "reading the body": lambda: cancelled(FaultServer([http(200, b"{", length=99), STALL]), post, 1),
    "pausing": lambda: cancelled(FaultServer(http(503, ECHO, {"Retry-After": "9"})), post, 1),
    "queueing": lambda: cancelled(FaultServer(http(200, OPPORTUNITY)), twice, 1),
    "in bulk": lambda: cancelled(FaultServer(STALL), many, 1),
    "uploading": lambda: cancelled(StorageServer(STALL), upload, 2),
    "downloading": lambda: cancelled(StorageServer([http(200, b"{", length=99), STALL], announced=99), download, 3, 25),
    "timed out by the caller": lambda: timed_out(FaultServer(STALL)),
    "timed out by the caller, reading": lambda: timed_out(FaultServer([http(200, b"{", length=99), STALL])),
}
"""How a call is cut short from outside, which only the awaited client's can be."""
