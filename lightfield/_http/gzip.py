"""Bounded decompression: a small response may hold gigabytes."""

import zlib

from lightfield.errors import APIConnectionError, APIProtocolError, one_line

ENCODINGS = "gzip"
"""The ``Accept-Encoding`` of requests to the API."""

_GZIP = 16 + zlib.MAX_WBITS


def inflate(content: bytes, encoding: str, max_size: int) -> bytes:
    """Return the decoded body.

    Raises:
        APIConnectionError: It is truncated or damaged, or larger than ``max_size`` bytes.
        APIProtocolError: Its encoding was not asked for.
    """
    if len(content) > max_size:
        raise _too_large(max_size)
    if encoding.lower() == "identity" or not content:
        return content
    if encoding.lower() not in {"gzip", "x-gzip"}:
        raise APIProtocolError(f"the response is encoded as {one_line(encoding, 40)}, which was not requested")
    inflater = zlib.decompressobj(_GZIP)
    try:
        whole = inflater.decompress(content, max_size + 1)
    except zlib.error as error:
        raise APIConnectionError(f"invalid gzip: {error}") from None
    if len(whole) > max_size:
        raise _too_large(max_size)
    if not inflater.eof or inflater.unused_data:
        raise APIConnectionError("the gzip of the response is truncated, or followed by other data")
    return whole


def _too_large(max_size: int) -> APIConnectionError:
    failure = APIConnectionError(f"the response is larger than max_response_bytes ({max_size:,})")
    failure.permanent = True
    return failure
