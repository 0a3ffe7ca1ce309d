"""Servers that fork their workers, for real: gunicorn that has loaded its application before, and Celery's prefork."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from lightfield.testing import Sandbox
from tests.lifecycle.script import PATIENCE

T = TypeVar("T")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")

CLIENTS = """
import os
from functools import cache
from lightfield import Lightfield

url, id = os.environ["URL"], os.environ["ID"]

def make():
    return Lightfield(api_key="sk_lf_sandbox", base_url=url)

clients = {"made": make(), "used": make()}
clients["used"].opportunity.retrieve(id)

@cache
def own():
    return make()

def answer(name):
    client = clients.get(name) or own()
    return f"{name} {client.opportunity.retrieve(id).id}"
"""

WSGI = """
from clients import answer

def application(environ, start_response):
    text = answer(environ["PATH_INFO"].strip("/"))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
"""

CONFIG = """
import os
from pathlib import Path

def post_worker_init(worker):
    with Path(os.environ["SAID"]).open("a") as said:
        said.write("ready\\n")
"""

TASKS = """
import os
from pathlib import Path
from celery import Celery
from celery.signals import worker_process_init, worker_ready
from clients import answer, clients, make

app = Celery("crm", broker="memory://", set_as_current=True)
app.conf.update(worker_hijack_root_logger=False, broker_connection_retry_on_startup=True)

@worker_process_init.connect
def open_client(**_):
    clients["own"] = make()

@app.task
def fetch(name):
    with Path(os.environ["SAID"]).open("a") as said:
        said.write(answer(name) + "\\n")

@worker_ready.connect
def begin(**_):
    for name in ("made", "used", "own") * 2:
        fetch.delay(name)

app.worker_main(["worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING", "--without-mingle",
    "--without-gossip", "--without-heartbeat"])
"""

NOISE = ("Traceback", "Unclosed", "never awaited", "Error")


@contextmanager
def program(folder: Path, sandbox: Sandbox, *arguments: str) -> Generator["subprocess.Popen[bytes]"]:
    """Run a program in a folder with the clients; told to end, it ends, and has said nothing bad."""
    (folder / "clients.py").write_text(CLIENTS)
    said = folder / "stderr"
    environment = {"URL": sandbox.base_url, "ID": sandbox.opportunity_ids[0], "SAID": str(folder / "said")}
    paths = os.pathsep.join([str(folder), str(Path.cwd())])
    with (
        said.open("wb") as stderr,
        subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, **environment, "PYTHONPATH": paths},
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        ) as process,
    ):
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
    text = said.read_text()
    assert not [word for word in NOISE if word in text], text


def until(look: Callable[[], T | None]) -> T:
    """Look again and again, until there is something."""
    due = time.monotonic() + PATIENCE
    while (found := look()) is None:
        assert time.monotonic() < due
        time.sleep(0.01)
    return found


def test_gunicorn_with_the_application_loaded_before_the_fork(tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "wsgi.py").write_text(WSGI)
    (tmp_path / "gunicorn.conf.py").write_text(CONFIG)
    said = tmp_path / "said"
    said.touch()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = ["-m", "gunicorn", "wsgi:application", "--preload", "--workers", "2", "--bind", f"127.0.0.1:{port}"]
    with program(tmp_path, sandbox, *server):
        for name in ["made", "used", "own"] * 4:
            assert until(partial(get, port, f"/{name}")) == f"{name} {sandbox.opportunity_ids[0]}"
        until(lambda: said.read_text() == "ready\n" * 2 or None)  # a worker that is still starting misses SIGTERM


def get(port: int, path: str) -> str | None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except ConnectionRefusedError:  # not yet
            return None


def test_celery_with_forked_workers(tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "tasks.py").write_text(TASKS)
    said = tmp_path / "said"
    said.touch()
    with program(tmp_path, sandbox, "tasks.py"):
        lines = until(lambda: lines if len(lines := said.read_text().splitlines()) == 6 else None)
    id = sandbox.opportunity_ids[0]
    assert sorted(lines) == [f"{name} {id}" for name in ("made", "made", "own", "own", "used", "used")]
