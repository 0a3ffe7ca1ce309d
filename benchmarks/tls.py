"""The same over TLS, as users have it: awaited and blocking calls, a first call, and the connections of a long bulk.

All trust an authority that was made for the occasion, beside those of certifi: loading them is a part of a first call.
"""

import ssl
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import msgspec
from msgspec.structs import replace

from . import asynchronous, blocking, importing
from ._contest import Stage
from ._report import Answer, Finding, Table, compare
from ._server import serving_tls

BULK = 50_000
REQUESTS_OF_A_CONNECTION = 1_000
UNLIMITED = 10**9
REUSED, RESUMED = "requests on a connection that was there, %", "later connections that were resumed, %"


def answer(stage: Stage) -> Answer:
    with _authority(stage.peer) as (trusted, certificate):
        secured = replace(stage, variables={"SSL_CERT_FILE": str(trusted)})
        with serving_tls(certificate, UNLIMITED) as url:
            awaited, blocked, script = (
                question.answer(replace(secured, url=url)).table for question in (asynchronous, blocking, importing)
            )
        with serving_tls(certificate, UNLIMITED) as url:
            reused = _bulk(replace(secured, url=url), trusted)
        with serving_tls(certificate, REQUESTS_OF_A_CONNECTION) as url:
            resumed = _bulk(replace(secured, url=url), trusted)
    bulks = [
        Finding(REUSED, [100 * (1 - reused["connections"] / reused["requests"])], at_least=99.9),
        Finding(RESUMED, [100 * resumed["resumed"] / resumed["renewed"]], at_least=99.9),
        Finding("requests of both bulks beyond those asked for", [reused["requests"] + resumed["requests"] - 2 * BULK]),
    ]
    table: Table = {name: {"awaited, requests/s": row[asynchronous.SPEED]} for name, row in awaited.items()}
    findings = [
        compare(awaited, asynchronous.SPEED, asynchronous.HTTPX, at_least=12),
        compare(awaited, asynchronous.SPEED, asynchronous.AIOHTTP, at_least=9),
        compare(awaited, asynchronous.CPU, "floor", at_most=1.0),
        compare(blocked, blocking.SPEED, "official", at_least=5.5),
        compare(blocked, blocking.SPEED, "official", at_least=6, name=blocking.UVLOOP),
        compare(script, importing.SCRIPT, "official", at_most=0.4),
    ]
    return Answer("tls: the same over TLS", table, [*findings, *bulks])


@contextmanager
def _authority(peer: Path) -> Generator[tuple[Path, Path]]:
    """Make a certificate of `localhost`; yield the file of authorities, and that of the certificate.

    certifi is in the environment of the official SDK.
    """
    import trustme  # here: other questions do not need it

    authority, show = trustme.CA(), "import certifi; print(certifi.contents())"
    others = subprocess.run([peer, "-c", show], stdout=subprocess.PIPE, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        trusted, certificate = Path(folder, "authority.pem"), Path(folder, "server.pem")
        trusted.write_bytes(authority.cert_pem.bytes() + others)
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(certificate)
        yield trusted, certificate


def _bulk(stage: Stage, trusted: Path) -> dict[str, int]:
    """Retrieve many opportunities as a bulk, and return the counts of the server."""
    failures = int(stage.ours("bulk", str(BULK)).run())
    if failures:
        raise RuntimeError(f"{failures} of {BULK} retrieves failed")
    with urlopen(f"{stage.url}/counts", context=ssl.create_default_context(cafile=str(trusted))) as response:
        return msgspec.json.decode(response.read(), type=dict[str, int])
