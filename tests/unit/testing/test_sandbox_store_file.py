"""Does a sandbox refuse a file that it cannot keep anything in, leave it as it is, and say what to do?"""

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from lightfield.testing import Sandbox
from lightfield.testing._store.store import Store
from lightfield.testing._store.tables import Change
from tests.unit.testing.sandbox_calls import HEADERS

READ_ONLY = """
import os, sys
from lightfield.testing import Sandbox
Sandbox(store=sys.argv[2])
root = os.getuid() == 0
if root:
    os.setresuid(65534, 65534, 0)  # for root nothing is read-only
try:
    Sandbox(store=sys.argv[1])
except PermissionError as error:
    print(error)
if root:
    os.setresuid(0, 0, 0)
"""
FORGOTTEN = """
import sys
from lightfield.testing import Sandbox
sandbox = Sandbox(store=sys.argv[1])
sandbox.start()
sandbox.records("accounts")["acc_x"] = dict(sandbox.records("accounts")["acc_northwind_traders"], id="acc_x")
"""
LIMITED = """
import resource, sys
from lightfield.testing import Sandbox
with Sandbox(store=sys.argv[1], rate_limit=None, opportunities=0) as sandbox:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    print(sandbox.base_url, flush=True)
    for size in sys.stdin:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), hard))
        print("limited", flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crm.sqlite"


@contextmanager
def refused(path: Path, error: type[Exception], message: str) -> Generator[None]:
    """Expect an error that names the file, and is not the consequence of another one that is shown too."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(error, match=message) as raised:
        yield
    assert str(path) in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert (path.read_bytes() if path.is_file() else None) == before


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("content", [b"x", b"hello\n" * 1000, b"SQLite format 4\0" + bytes(5000)])
def test_other_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with refused(path, ValueError, "is not an SQLite file: name another file"):
        Sandbox(store=path)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("statement", ["CREATE TABLE mine (id)", "PRAGMA application_id = 7"])
def test_database_of_another_program_is_refused(path: Path, statement: str) -> None:
    execute(path, statement)
    with refused(path, ValueError, "belongs to another program: name another file"):
        Sandbox(store=path)
    assert list(path.parent.iterdir()) == [path]


def test_file_of_a_newer_version_is_refused(path: Path) -> None:
    Sandbox(store=path)
    execute(path, "PRAGMA user_version = 2")
    with refused(path, ValueError, r"a newer version of lightfield has written it \(format 2; this one reads 1\)"):
        Sandbox(store=path)


def test_damaged_file_is_refused(path: Path) -> None:
    Sandbox(store=path)
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(content)
    with refused(path, ValueError, "is damaged"):
        Sandbox(store=path)


def test_missing_folder_is_named(path: Path) -> None:
    with refused(path / "below", FileNotFoundError, "does not exist"):
        Sandbox(store=path / "below")


def test_folder_is_refused(path: Path) -> None:
    path.mkdir()
    with refused(path, IsADirectoryError, "is a folder; a store is a file"):
        Sandbox(store=path)


@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permission there")
def test_read_only_file_is_refused(path: Path, *, existing: bool) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        if existing:
            Sandbox(store=folder / "crm.sqlite")
            (folder / "crm.sqlite").chmod(0o444)
        folder.chmod(0o555)
        command = [sys.executable, "-c", READ_ONLY, str(folder / "crm.sqlite"), str(path)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        folder.chmod(0o755)
    assert ended.stderr == ""
    assert "crm.sqlite cannot be written: make it and its folder writable" in ended.stdout


def test_empty_file_is_begun(path: Path) -> None:
    path.touch()
    with Sandbox(store=path):
        pass
    with Sandbox(store=path):
        pass


def test_file_in_use_is_refused_until_it_is_free(path: Path) -> None:
    waiting = Sandbox(store=path)
    with Sandbox(store=path) as first:
        for _ in range(2):
            with pytest.raises(OSError, match="is in use: stop the other sandbox"):
                Sandbox(store=path)
        with pytest.raises(OSError, match="is in use"):
            waiting.start()
        del first.records("accounts")["acc_northwind_traders"]
    assert "acc_northwind_traders" not in Sandbox(store=path).records("accounts")


def test_file_in_use_by_another_process_is_refused(path: Path) -> None:
    script = "import sys; from lightfield.testing import Sandbox; Sandbox(store=sys.argv[1])"
    with Sandbox(store=path):
        command = [sys.executable, "-c", script, str(path)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "is in use: stop the other sandbox" in ended.stderr
    assert "sqlite3" not in ended.stderr


def test_sandbox_does_not_go_on_where_another_one_was_in_between(path: Path) -> None:
    first = Sandbox(store=path)
    with first:
        pass
    with first:  # nobody was
        pass
    with Sandbox(store=path):
        pass
    with pytest.raises(OSError, match="another sandbox has used it in the meantime; make a new Sandbox"):
        first.start()


def test_port_in_use_leaves_the_file_free(path: Path) -> None:
    with Sandbox() as other:
        with pytest.raises(OSError, match="cannot listen"):
            Sandbox(store=path, port=int(other.base_url.rsplit(":", 1)[1])).start()
        with Sandbox(store=path):
            pass


def test_closed_store_keeps_nothing_silently(path: Path) -> None:
    store = Store(path, "{}")
    store.open()
    store.close()
    with pytest.raises(OSError, match="is closed"):
        store.write([Change("accounts", "acc_x", "{}")])
    store.open()
    assert store.read() == []
    store.close()


def test_of_many_that_begin_one_file_at_once_no_two_have_it(path: Path) -> None:
    barrier, outcomes = threading.Barrier(4), list[str]()

    def begin() -> None:
        barrier.wait(10)
        try:
            sandbox = Sandbox(store=path)
            sandbox.start()
        except OSError as error:
            outcomes.append(str(error))
        else:
            outcomes.append("started")
            started.append(sandbox)

    started: list[Sandbox] = []
    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(outcomes) == 4
    assert len(started) <= 1
    for sandbox in started:
        sandbox.stop()
    with Sandbox(store=path):
        pass


def test_forgotten_sandbox_keeps_what_it_has_and_says_nothing(path: Path) -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", FORGOTTEN, str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert list(path.parent.iterdir()) == [path]
    assert "acc_x" in Sandbox(store=path).records("accounts")


class Limited:
    """A sandbox in a process of its own, whose files may be limited in size: the limit is the end of a disk."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-c", LIMITED, str(path)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.connection = HTTPConnection(self._line().removeprefix("http://"), timeout=30)

    def limit(self, size: int) -> None:
        assert self.process.stdin is not None
        print(size, file=self.process.stdin, flush=True)
        assert self._line() == "limited"

    def post(self, path: str, body: object, key: str) -> tuple[int, Any]:
        headers = {**HEADERS, "Content-Type": "application/json", "Idempotency-Key": key}
        self.connection.request("POST", path, json.dumps(body), headers)
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def stop(self) -> None:
        self.connection.close()
        self.process.communicate()

    def kill(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.communicate()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def limited(path: Path) -> Iterator[Limited]:
    started = Limited(path)
    yield started
    if started.process.poll() is None:
        started.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="processes have no limits there")
def test_full_disk_is_answered_503_and_loses_nothing(path: Path, limited: Limited) -> None:
    def create(key: str) -> tuple[int, Any]:
        return limited.post("/v1/accounts", {"fields": {"$name": key * 1000}}, key)

    limited.limit(200_000)
    answers = [create("key 0")]
    while answers[-1][0] == 200:
        answers.append(create(f"key {len(answers)}"))
        assert len(answers) < 1000
    *kept, (status, document) = answers
    assert (status, document["error"]["type"]) == (503, "service_unavailable")
    assert "crm.sqlite cannot be read or written" in document["error"]["message"]
    assert create("key 0")[0] == 503  # nor does it show what may be lost
    limited.limit(100_000_000)
    status, made = create(f"key {len(kept)}")
    assert status == 200
    assert create("key 0") == kept[0]
    limited.stop()
    accounts = Sandbox(store=path).records("accounts")
    assert [document["id"] for _, document in kept if document["id"] not in accounts] == []
    names = [each["fields"]["$name"]["value"] for each in accounts.values()]
    assert names.count(made["fields"]["$name"]["value"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="processes have no limits there")
def test_write_that_does_not_fit_is_not_there_by_half(path: Path, limited: Limited) -> None:
    identifiers = list(Sandbox().records("contacts"))[:25]

    def create(key: str) -> int:
        sent = {"fields": {"$name": key}, "relationships": {"$contact": identifiers}}
        return limited.post("/v1/accounts", sent, key)[0]

    limited.limit(200_000)
    count = 0
    while create(f"key {count}") == 200:
        count += 1
    limited.kill()
    with Sandbox(store=path) as sandbox:
        contacts, accounts = sandbox.records("contacts"), sandbox.records("accounts")
        assert len(accounts) == len(Sandbox().records("accounts")) + count
        for each in identifiers:
            assert accounts.keys() >= set(contacts[each]["relationships"]["$account"]["values"])
