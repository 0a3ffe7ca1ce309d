"""Bounded decompression: a small response may hold gigabytes."""

import zlib

from lightfield.errors import APIConnectionError, APIProtocolError, one_line

ENCODINGS = "gzip"
"""The ``Accept-Encoding`` of requests to the API."""

GZIP = 16 + zlib.MAX_WBITS
"""What tells zlib to expect the format of gzip."""


def inflate(content: bytes, encoding: str, max_size: int) -> bytes:
    """Return the decoded body.

    Raises:
        APIConnectionError: It is truncated or damaged, or larger than ``max_size`` bytes.
        APIProtocolError: Its encoding was not asked for.
    """
    if len(content) > max_size:
        raise too_large(max_size)
    if encoding.lower() == "identity" or not content:
        return content
    if encoding.lower() not in {"gzip", "x-gzip"}:
        raise APIProtocolError(f"the response is encoded as {one_line(encoding, 40)}, which was not requested")
    inflater = zlib.decompressobj(GZIP)
    try:
        whole = inflater.decompress(content, max_size + 1)
    except zlib.error as error:
        raise APIConnectionError(f"invalid gzip: {error}") from None
    if len(whole) > max_size:
        raise too_large(max_size)
    if not inflater.eof or inflater.unused_data:
        raise APIConnectionError("the gzip of the response is truncated, or followed by other data")
    return whole


def too_large(max_size: int) -> APIConnectionError:
    """Return the error for a response of more than ``max_size`` bytes."""
    failure = APIConnectionError(f"the response is larger than max_response_bytes ({max_size:,})")
    failure.permanent = True
    return failure
