"""Undecoded responses, as ``with_raw_response`` and ``with_streaming_response`` return them: one class for each client.

The body of a raw response is in memory; that of a streamed one is read when it is asked for.
"""

from codecs import getincrementaldecoder
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing
from datetime import timedelta
from typing import Any, Generic, Self, TypeVar

from msgspec.structs import replace

from lightfield._aio.runner import InMemory, Runner
from lightfield._config.checks import checked_count
from lightfield._protocol.decoding import Exchange
from lightfield._protocol.request import Request
from lightfield._protocol.response import Body, HTTPRequest, Response
from lightfield.errors import LightfieldUsageError
from lightfield.models.document import JSON

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Undecoded(Generic[T_co]):
    def __init__(self, exchange: Exchange[T_co]) -> None:
        self._exchange = exchange

    @property
    def request(self) -> Request[T_co]:
        """The request, as ``client.plan`` describes it."""
        return replace(self._exchange.request, form="decoded")

    @property
    def http_request(self) -> HTTPRequest:
        """The HTTP request that was sent, without the API key."""
        sent = self._exchange.response.request
        assert sent is not None  # noqa: S101
        return sent

    @property
    def method(self) -> str:
        """The method of the HTTP request."""
        return self.http_request.method

    @property
    def url(self) -> str:
        """The URL of the HTTP request."""
        return self.http_request.url

    @property
    def status_code(self) -> int:
        """The HTTP status code."""
        return self._exchange.response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response; names are case-insensitive."""
        return self._exchange.response.headers

    @property
    def retries_taken(self) -> int:
        """The number of retries before this response."""
        return self._exchange.retries_taken

    @property
    def elapsed(self) -> timedelta:
        """The time from sending the request to the end of the response, or of its headers if it is streamed."""
        return timedelta(seconds=self._exchange.response.seconds)

    @property
    def is_closed(self) -> bool:
        """Whether the body was read to its end, or closed."""
        body = self._exchange.response.body
        return body is None or body.closed

    @classmethod
    def _unpickle(cls, request: Request[Any], response: Response, retries_taken: int) -> Self:
        return cls(Exchange(request, response, retries_taken))

    def __reduce__(self) -> tuple[Any, ...]:
        exchange = self._exchange
        if exchange.response.body is not None:
            raise LightfieldUsageError("A streamed response cannot be pickled. Pickle what was read of it.")
        return self._unpickle, (exchange.request, exchange.response, exchange.retries_taken)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status_code} to {self.request!r}>"


class AsyncAPIResponse(_Undecoded[T_co]):
    """An undecoded response of ``AsyncLightfield``, as ``with_raw_response`` returns it."""

    __module__ = "lightfield"

    def __init__(self, exchange: Exchange[T_co]) -> None:
        super().__init__(exchange)
        self._content: bytes | None = exchange.response.content if exchange.response.body is None else None
        self._taken = False

    def blocking(self, runner: Runner) -> "APIResponse[T_co]":
        """Return the same response for a blocking client."""
        return APIResponse(self._exchange, runner)

    def _take(self) -> Body:
        """Return the body, which can be read once only."""
        if self._taken:
            raise LightfieldUsageError("The body was streamed already. Call read() first to keep it.")
        self._taken = True
        body = self._exchange.response.body
        assert body is not None  # noqa: S101
        return body

    async def parse(self) -> T_co:
        """Decode the body, as a call without ``with_raw_response`` does.

        Raises:
            APIResponseValidationError: The body does not match the API's documentation.
        """
        return self._exchange.decode(await self.read())

    async def read(self) -> bytes:
        """Return the body, decompressed.

        Raises:
            APIConnectionError: It is incomplete, or larger than ``max_response_bytes``.
            LightfieldUsageError: It was streamed already.
        """
        if self._content is None:
            self._content = await self._take().read()
        return self._content

    async def text(self) -> str:
        """Return the body as text."""
        return (await self.read()).decode(errors="replace")

    async def json(self) -> JSON:
        """Return the body, decoded as JSON. Raises ``ValueError`` if it is not JSON."""
        from json import loads

        decoded: JSON = loads(await self.read())
        return decoded

    async def iter_bytes(self, chunk_size: int | None = None) -> AsyncGenerator[bytes, None]:
        """Yield the body, decompressed, in chunks of this size or as it arrives."""
        size = None if chunk_size is None else checked_count("chunk_size", chunk_size, 1)
        arriving = _whole(self._content) if self._content is not None else self._take().pieces()
        buffer = bytearray()
        async with aclosing(arriving):
            async for piece in arriving:
                if size is None:
                    yield piece
                    continue
                buffer += piece
                whole = len(buffer) - len(buffer) % size
                for start in range(0, whole, size):
                    yield bytes(buffer[start : start + size])
                del buffer[:whole]
        if buffer:
            yield bytes(buffer)

    async def iter_text(self, chunk_size: int | None = None) -> AsyncGenerator[str, None]:
        """Yield the body as text, chunk by chunk."""
        decoder = getincrementaldecoder("utf-8")(errors="replace")
        async with aclosing(self.iter_bytes(chunk_size)) as chunks:
            async for chunk in chunks:
                if text := decoder.decode(chunk):
                    yield text
        if text := decoder.decode(b"", final=True):
            yield text

    async def iter_lines(self) -> AsyncGenerator[str, None]:
        """Yield the lines of the body, without their ends."""
        begun = list[str]()
        async with aclosing(self.iter_text()) as texts:
            async for text in texts:
                *ends, rest = text.split("\n")
                for end in ends:
                    yield "".join([*begun, end]).removesuffix("\r")
                    begun.clear()
                begun += [rest] if rest else []
        if begun:
            yield "".join(begun)

    async def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        if (body := self._exchange.response.body) is not None:
            body.close()


class APIResponse(_Undecoded[T_co]):
    """An undecoded response of ``Lightfield``, as ``with_raw_response`` returns it."""

    __module__ = "lightfield"

    def __init__(self, exchange: Exchange[T_co], runner: Runner | None = None) -> None:
        super().__init__(exchange)
        self._awaited = AsyncAPIResponse(exchange)
        self._runner: Runner = runner if runner is not None and exchange.response.body is not None else InMemory()

    def parse(self) -> T_co:
        """Decode the body, as a call without ``with_raw_response`` does.

        Raises:
            APIResponseValidationError: The body does not match the API's documentation.
        """
        return self._runner.call(self._awaited.parse())

    def read(self) -> bytes:
        """Return the body, decompressed.

        Raises:
            APIConnectionError: It is incomplete, or larger than ``max_response_bytes``.
            LightfieldUsageError: It was streamed already.
        """
        return self._runner.call(self._awaited.read())

    def text(self) -> str:
        """Return the body as text."""
        return self._runner.call(self._awaited.text())

    def json(self) -> JSON:
        """Return the body, decoded as JSON. Raises ``ValueError`` if it is not JSON."""
        return self._runner.call(self._awaited.json())

    def iter_bytes(self, chunk_size: int | None = None) -> Generator[bytes, None, None]:
        """Yield the body, decompressed, in chunks of this size or as it arrives."""
        return self._runner.iterate(self._awaited.iter_bytes(chunk_size))

    def iter_text(self, chunk_size: int | None = None) -> Generator[str, None, None]:
        """Yield the body as text, chunk by chunk."""
        return self._runner.iterate(self._awaited.iter_text(chunk_size))

    def iter_lines(self) -> Generator[str, None, None]:
        """Yield the lines of the body, without their ends."""
        return self._runner.iterate(self._awaited.iter_lines())

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        if (body := self._exchange.response.body) is not None:
            body.close()  # the garbage collector may do so on any thread, where waiting would deadlock


async def _whole(content: bytes) -> AsyncGenerator[bytes, None]:
    if content:
        yield content
