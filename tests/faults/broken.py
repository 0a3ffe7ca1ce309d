"""Responses that are broken on the wire, by name. Each is the answer to one request, which the server has read."""

import gzip
import json
import zlib
from functools import cache

from tests.faults.server import FIN, OPPORTUNITY, RST, STALL, Ever, Reply, http

DOCUMENT = json.dumps(OPPORTUNITY).encode()
ZIPPED = gzip.compress(DOCUMENT)
GZIP = {"Content-Encoding": "gzip"}
DRIP = Ever(b" ", 0.03)
_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"

CUT: dict[str, Reply] = {
    "fin": FIN,
    "rst": RST,
    "headers-cut": [_OK + b"Content-", FIN],
    "body-reset": [http(200, b'{"id":', length=99), 0.05, RST],
    "body-cut": [http(200, b'{"id":', length=99), FIN],
    "chunks-cut": [_CHUNKED + b'6\r\n{"id":\r\n', FIN],
    "last-chunk-missing": [_CHUNKED + b"%x\r\n%b\r\n" % (len(DOCUMENT), DOCUMENT), FIN],
    "no-gzip": http(200, b"not gzip at all", GZIP),
    "gzip-damaged": http(200, ZIPPED[:20] + b"\xff\xff\xff" + ZIPPED[23:], GZIP),
    "gzip-checksum": http(200, ZIPPED[:-8] + b"\0" * 8, GZIP),
    "gzip-cut": http(200, ZIPPED[:-30], GZIP),
    "gzip-head": http(200, ZIPPED[:4], GZIP),
    "gzip-tail-missing": http(200, ZIPPED[:-8], GZIP),
}
"""No whole response arrived."""

SILENT: dict[str, Reply] = {
    "silence": STALL,
    "headers-stall": [_OK + b"Content-", STALL],
    "headers-drip": [_OK + b"A: ", DRIP],
    "body-stalls": [http(200, b'{"id":', length=99), STALL],
    "body-drips": [http(200, length=9999), DRIP],
}
"""No whole response arrives in time."""

NO_HTTP: dict[str, Reply] = {
    "chunk-size": [_CHUNKED + b"zz\r\n{}\r\n", FIN],
    "chunk-size-negative": [_CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n", FIN],
    "garbage": [b"certainly not HTTP\r\n\r\n", FIN],
    "tls": [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", FIN],
    "status": [b"HTTP/1.1 abc OK\r\n\r\n", FIN],
    "lengths-differ": [_OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", STALL],
    "length-and-chunks": [_OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", STALL],
    "length-no-number": [_OK + b"Content-Length: two\r\n\r\n{}", STALL],
    "header-of-100-kB": http(200, OPPORTUNITY, {"X-Long": "x" * 100_000}),
    "40000-headers": http(200, OPPORTUNITY, {f"X-{number}": "x" for number in range(40_000)}),
    "nul-in-header": http(200, OPPORTUNITY, {"X-Nul": "a\0b"}),
    "204-with-body": b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}",
}
"""What arrived is no HTTP response. It may hold anything, so that its connection is closed."""

FOREIGN: dict[str, Reply] = {
    "br": http(200, DOCUMENT, {"Content-Encoding": "br"}),
    "zstd": http(200, DOCUMENT, {"Content-Encoding": "zstd"}),
    "made-up": http(200, DOCUMENT, {"Content-Encoding": "rot13"}),
    "gzip-twice": http(200, gzip.compress(ZIPPED), {"Content-Encoding": "gzip, gzip"}),
}
"""A whole response, encoded in a way that was not asked for."""


@cache
def bomb(size: int) -> bytes:
    """Compress zeros without ever holding them all."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    piece = bytes(1_000_000)
    return b"".join(deflater.compress(piece) for _ in range(size // len(piece))) + deflater.flush()
