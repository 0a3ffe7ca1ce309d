"""The body of a response, read piece by piece."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from typing import Any

from lightfield._aio.caught import Caught
from lightfield.errors import APIConnectionError, APIProtocolError, LightfieldUsageError, one_line

from .faults import FAULTS
from .gzip import GZIP, too_large

_PIECE = 256 * 1024


class StreamedBody:
    """A body that is yet to be read, of an open response of aiohttp. It is closed when it is dropped.

    Args:
        response: The response; nobody else reads it.
        encoding: Its content encoding, without the API key.
        limits: Seconds that each piece may take, and the loop's time by which all must have arrived.
        max_size: The largest size in bytes that ``read`` returns.
        explain: Makes our error of what aiohttp raised.
    """

    def __init__(
        self,
        response: Any,
        encoding: str,
        limits: tuple[float | None, float | None],
        max_size: int,
        explain: Callable[[BaseException], BaseException],
    ) -> None:
        self._response = response
        self._encoding = encoding
        self._limit, self._end = limits
        self._max_size = max_size
        self._explain = explain
        self._loop = asyncio.get_running_loop()
        self.closed = False

    async def read(self) -> bytes:
        """Return the whole body.

        Raises:
            APIConnectionError: It is incomplete, or larger than allowed.
        """
        parts = list[bytes]()
        try:
            await self._collect(parts)
        except BaseException:
            parts.clear()  # they may echo the key, and the traceback holds this frame
            raise
        return b"".join(parts)

    async def _collect(self, parts: list[bytes]) -> None:
        size = 0
        async with aclosing(self.pieces()) as pieces:
            async for piece in pieces:
                parts.append(piece)
                size += len(piece)
                del piece
                if size > self._max_size:
                    raise too_large(self._max_size)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body, decompressed, as it arrives.

        Raises:
            APIConnectionError: It is incomplete.
            LightfieldUsageError: It was closed.
        """
        if self.closed:
            raise LightfieldUsageError("The response was closed before its body was read.")
        caught = Caught()
        try:
            async with aclosing(decompressed(self._next, self._encoding)) as pieces:
                async for piece in pieces:
                    yield piece
                    del piece
        except FAULTS as error:
            caught.error = self._explain(error)
        finally:
            self.close()
        if caught.error is not None:
            raise caught.take()

    async def _next(self) -> bytes:
        now = asyncio.get_running_loop().time()
        limit = None if self._limit is None else now + self._limit
        ends = [end for end in (self._end, limit) if end is not None]
        async with asyncio.timeout_at(min(ends, default=None)):
            piece: bytes = await self._response.content.readany()
            return piece

    def close(self) -> None:
        """Close the connection, unless all of the body was read. Works on any thread."""
        self.closed = True
        running = None
        with suppress(RuntimeError):
            running = asyncio.get_running_loop()
        if running is self._loop:
            self._response.close()
            return
        with suppress(RuntimeError):  # the loop is closed, and the connection with it
            self._loop.call_soon_threadsafe(self._response.close)

    def __del__(self) -> None:
        if not self.closed:
            self.close()


async def decompressed(
    read: Callable[[], Awaitable[bytes]], encoding: str, *, may_be_empty: bool = True
) -> AsyncGenerator[bytes, None]:
    """Yield what ``read`` returns until that is empty, decompressed.

    An empty body, which is not a gzip, is accepted for one if ``may_be_empty``.

    Raises:
        APIConnectionError: It is truncated or damaged.
        APIProtocolError: Its encoding was not requested.
    """
    if encoding.lower() not in {"identity", "gzip", "x-gzip"}:
        raise APIProtocolError(f"the response is encoded as {one_line(encoding, 40)}, which was not requested")
    inflater = None if encoding.lower() == "identity" else zlib.decompressobj(GZIP)
    while piece := await read():
        may_be_empty = False
        for part in [piece] if inflater is None else _inflated(inflater, piece):
            yield part
        if inflater is not None and inflater.unused_data:
            break  # it would be collected for ever
    if inflater is not None and not may_be_empty and (not inflater.eof or inflater.unused_data):
        raise APIConnectionError("the gzip of the response is truncated, or followed by other data")


def _inflated(inflater: Any, piece: bytes) -> Iterator[bytes]:
    """Yield the decompressed data in parts of a bounded size: a small piece may hold gigabytes."""
    while piece:
        try:
            part = inflater.decompress(piece, _PIECE)
        except zlib.error as error:
            raise APIConnectionError(f"invalid gzip: {error}") from None
        if part:
            yield part
        piece = b"" if inflater.eof else inflater.unconsumed_tail  # which zlib keeps after the end
