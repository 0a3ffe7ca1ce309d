"""The static server of the contestants, and its maximum throughput.

It runs in a separate process: nginx if it is installed, else `_static_server.py`. Both respond to any
`/v1/opportunities/...` with `opportunity.json` and the headers of the API.
"""

import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

HERE = Path(__file__).parent
DOCUMENT = HERE / "opportunity.json"

NGINX = """
daemon off;
master_process off;
worker_processes 1;
error_log stderr;
pid nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  open_file_cache max=8;
  client_body_temp_path .;
  proxy_temp_path .;
  fastcgi_temp_path .;
  uwsgi_temp_path .;
  scgi_temp_path .;
  server {{
    listen 127.0.0.1:{port};
    root "{folder}";
    default_type application/json;
    add_header X-RateLimit-Limit 1000000;
    add_header X-RateLimit-Remaining 999999;
    add_header X-RateLimit-Reset 1741392001;
    location /v1/opportunities/ {{ try_files /{file} =404; }}
  }}
}}
"""


class Server(msgspec.Struct, frozen=True):
    name: str
    url: str


@contextmanager
def serving() -> Generator[Server]:
    """Run a server until the `with` block ends."""
    port = _free_port()
    with ExitStack() as stack:
        nginx = shutil.which("nginx")
        if nginx is None:
            name = "selector loop"
            command = [sys.executable, str(HERE / "_static_server.py"), str(port), str(DOCUMENT)]
        else:
            name = "nginx"
            prefix = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            config = NGINX.format(port=port, folder=HERE, file=DOCUMENT.name)
            (prefix / "nginx.conf").write_text(config)
            command = [nginx, "-p", str(prefix), "-c", "nginx.conf", "-e", "stderr"]
        process = stack.enter_context(subprocess.Popen(command))
        stack.callback(process.terminate)
        _wait_for(port, process)
        yield Server(name, f"http://127.0.0.1:{port}")


@contextmanager
def serving_tls(certificate: Path, requests: int) -> Generator[str]:
    """Run a server over TLS that closes a connection after so many requests, and yield its URL."""
    port = _free_port()
    arguments = (port, DOCUMENT, certificate, requests)
    with ExitStack() as stack:
        command = [sys.executable, "-m", "benchmarks._tls_server", *map(str, arguments)]
        process = subprocess.Popen(command, cwd=HERE.parent)
        stack.enter_context(process)
        stack.callback(process.terminate)
        _wait_for(port, process)
        yield f"https://localhost:{port}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"the server did not start: {process.args!r}")


def ceiling(server: Server, seconds: float = 1.0, concurrency: int = 16) -> float:
    """Return the server's requests per second with a minimal client."""
    address = urlsplit(server.url)
    request = f"GET /v1/opportunities/opp_1 HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode()
    answered = 0
    with ExitStack() as stack:
        ready = stack.enter_context(selectors.DefaultSelector())
        for _ in range(concurrency):
            connection = stack.enter_context(socket.create_connection((address.hostname, address.port)))
            ready.register(connection, selectors.EVENT_READ, connection)
            connection.sendall(request)
        started = time.perf_counter()
        while time.perf_counter() < started + seconds:
            for key, _ in ready.select():
                key.data.recv(65536)
                key.data.sendall(request)
                answered += 1
    return answered / seconds
