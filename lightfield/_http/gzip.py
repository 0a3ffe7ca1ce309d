"""Inflating is done here, where what comes out can be counted: a small response may hold gigabytes."""

import zlib

from lightfield.errors import APIConnectionError, APIProtocolError, one_line

ENCODINGS = "gzip"
"""What the API is told that we can inflate."""

_GZIP = 16 + zlib.MAX_WBITS


def inflate(content: bytes, encoding: str, most: int) -> bytes:
    """Give the body as it was before it was encoded.

    Raises:
        APIConnectionError: It is cut or damaged, or larger than ``most`` bytes.
        APIProtocolError: It is encoded in another way than we asked for.
    """
    if len(content) > most:
        raise _too_large(most)
    if encoding.lower() == "identity" or not content:
        return content
    if encoding.lower() not in {"gzip", "x-gzip"}:
        raise APIProtocolError(f"what arrived is encoded as {one_line(encoding, 40)}, which was not asked for")
    inflater = zlib.decompressobj(_GZIP)
    try:
        whole = inflater.decompress(content, most + 1)
    except zlib.error as error:
        raise APIConnectionError(f"what arrived is no gzip: {error}") from None
    if len(whole) > most:
        raise _too_large(most)
    if not inflater.eof or inflater.unused_data:
        raise APIConnectionError("the response is cut: its gzip does not end where it should")
    return whole


def _too_large(most: int) -> APIConnectionError:
    failure = APIConnectionError(f"the response is larger than max_response_bytes ({most:,})")
    failure.permanent = True
    return failure
