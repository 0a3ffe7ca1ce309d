"""What stands at the path of a download: what it is stays as it is, and gets the bytes."""

import os
import pty
import socket
import stat
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from lightfield import LightfieldTypeError, LightfieldValueError, Transfer
from tests.client.both import Connect
from tests.faults.server import FIN, http
from tests.faults.storage import CONTENT, StorageServer
from tests.lifecycle.script import run

if sys.platform == "win32":
    pytest.skip("modes, owners, pipes and devices are of POSIX", allow_module_level=True)

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
NOBODY = 65534


async def download(connect: Connect, to: str | Path, *script: Any, **options: Any) -> int:
    with StorageServer(*(script or [http(200, CONTENT)])) as server:
        async with connect(server.base_url) as client:
            return await client.file.download_to("fil_1", to, **options)


async def refusal(connect: Connect, to: Any) -> str:
    """Give the message with which a place is refused before anything is sent."""
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError) as caught:
                await client.file.download_to("fil_1", to)
    assert server.requests == []
    return str(caught.value)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask() -> Iterator[None]:
    """Let new files be closed to others."""
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("before", [0o600, 0o640, 0o666, 0o755, 0o200])
async def test_a_file_keeps_its_mode(connect: Connect, tmp_path: Path, before: int) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(b"old")
    path.chmod(before)
    during: list[int] = []

    def hook(_: Transfer) -> None:
        during.extend(mode(each) for each in tmp_path.iterdir())

    await download(connect, path, progress=hook)
    assert mode(path) == before
    assert set(during) == {before}
    assert names(tmp_path) == [path.name]
    path.chmod(0o600)
    assert path.read_bytes() == CONTENT


@pytest.mark.usefixtures("umask")
async def test_a_new_file_has_the_mode_of_any_new_file(connect: Connect, tmp_path: Path) -> None:
    await download(connect, tmp_path / "call.txt")
    assert mode(tmp_path / "call.txt") == 0o640


@AS_ROOT
async def test_a_file_keeps_its_owner(connect: Connect, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(b"old")
    os.chown(path, 12_345, 54_321)
    path.chmod(0o4750)
    await download(connect, path)
    assert (path.stat().st_uid, path.stat().st_gid) == (12_345, 54_321)
    assert mode(path) == 0o750  # the system, too, takes such a bit from a file that is written
    assert path.read_bytes() == CONTENT


async def test_a_read_only_file_is_refused(connect: Connect, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(b"old")
    path.chmod(0o444)
    assert "cannot be written: the file there is read-only" in await refusal(connect, path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [path.name]


WITHOUT_PRIVILEGES = """
import io, os, sys
from lightfield import Lightfield, LightfieldError

def download(base_url, to):
    with Lightfield(api_key="sk_lf_sandbox", base_url=base_url) as client:
        print(client.file.download_to("fil_1", to))

download(sys.argv[1], io.BytesIO())  # loads all modules
user = os.geteuid()
if user == 0:
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
try:
    download(sys.argv[2], sys.argv[3])
except LightfieldError as error:
    print(error)
os.seteuid(user)  # what measures coverage writes a file at the end
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """Give a folder that everybody may write to, with a file in it; not in one of pytest's, which are closed."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "call.txt").write_bytes(b"old")
        yield folder
        folder.chmod(0o777)


def download_without_privileges(folder: Path) -> str:
    with StorageServer(http(200, CONTENT)) as first, StorageServer(http(200, CONTENT)) as second:
        return run(WITHOUT_PRIVILEGES, first.base_url, second.base_url, str(folder / "call.txt"))


@AS_ROOT
def test_a_file_that_only_others_may_write_is_refused(shared: Path) -> None:
    (shared / "call.txt").chmod(0o644)
    assert "cannot be written: the file there is read-only" in download_without_privileges(shared)
    assert (shared / "call.txt").read_bytes() == b"old"


@AS_ROOT
def test_a_file_of_somebody_else_that_all_may_write_is_replaced(shared: Path) -> None:
    path = shared / "call.txt"
    path.chmod(0o666)
    assert download_without_privileges(shared).split() == [str(len(CONTENT))] * 2
    assert path.read_bytes() == CONTENT
    assert (mode(path), path.stat().st_uid) == (0o666, NOBODY)


def test_a_folder_that_cannot_be_written_is_a_clear_error(shared: Path) -> None:
    (shared / "call.txt").chmod(0o666)
    shared.chmod(0o555)
    message = download_without_privileges(shared)
    assert "cannot be written: no file can be made at this path: Permission denied" in message
    assert (shared / "call.txt").read_bytes() == b"old"


@AS_ROOT
def test_a_pipe_that_only_others_may_write_to_is_a_clear_error(shared: Path) -> None:
    path = shared / "call.txt"
    path.unlink()
    os.mkfifo(path, 0o600)
    assert "cannot be written: Permission denied" in download_without_privileges(shared)


def drained(open_to_read: Callable[[], int], into: bytearray) -> threading.Thread:
    """Read all that comes out of a pipe or a terminal, on a thread."""

    def read() -> None:
        source = open_to_read()
        while len(into) < len(CONTENT) and (part := os.read(source, 65_536)):
            into.extend(part)
        os.close(source)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("through", ["path", "link"])
async def test_a_pipe_gets_the_bytes_and_stays(connect: Connect, tmp_path: Path, through: str) -> None:
    path, link, read = tmp_path / "pipe", tmp_path / "link", bytearray()
    os.mkfifo(path)
    link.symlink_to(path)
    reader = drained(lambda: os.open(path, os.O_RDONLY), read)
    assert await download(connect, path if through == "path" else link) == len(CONTENT)
    reader.join()
    assert read == CONTENT
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert sorted(names(tmp_path)) == ["link", "pipe"]


async def test_a_pipe_is_fetched_for_again_as_long_as_nothing_was_written(connect: Connect, tmp_path: Path) -> None:
    path, read = tmp_path / "pipe", bytearray()
    os.mkfifo(path)
    reader = drained(lambda: os.open(path, os.O_RDONLY), read)
    assert await download(connect, path, http(503), FIN, http(200, CONTENT)) == len(CONTENT)
    reader.join()
    assert read == CONTENT


async def test_a_terminal_gets_the_bytes(connect: Connect) -> None:
    read = bytearray()
    own, terminal = pty.openpty()
    tty.setraw(terminal)
    reader = drained(lambda: own, read)
    assert await download(connect, os.ttyname(terminal)) == len(CONTENT)
    reader.join()
    os.close(terminal)
    assert read == CONTENT


def device(path: Path, number: int) -> Path:
    """Make a device of memory: number 3 takes everything, number 7 is full."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, number))
    except PermissionError:
        pytest.skip("no device may be made here")
    return path


async def test_a_device_gets_the_bytes_and_stays(connect: Connect, tmp_path: Path) -> None:
    path = device(tmp_path / "null", 3)
    assert await download(connect, path) == len(CONTENT)
    assert stat.S_ISCHR(path.stat().st_mode)
    assert names(tmp_path) == ["null"]


async def test_a_full_device_is_a_clear_error(connect: Connect, tmp_path: Path) -> None:
    path = device(tmp_path / "full", 7)
    with pytest.raises(LightfieldValueError, match="cannot be written: No space left on device"):
        await download(connect, path)
    assert stat.S_ISCHR(path.stat().st_mode)


async def test_a_descriptor_gets_the_bytes_where_it_stands(connect: Connect, tmp_path: Path) -> None:
    with (tmp_path / "open").open("w+b", buffering=0) as file:
        file.write(b"before" + CONTENT + b"a tail")
        file.seek(6)
        await download(connect, f"/dev/fd/{file.fileno()}", [http(200, CONTENT)[:-1], FIN], http(200, CONTENT))
        file.write(b"a")
        file.seek(0)
        assert file.read() == b"before" + CONTENT + b"a tail"
    assert names(tmp_path) == ["open"]


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/stderr", "/proc/self/fd/1", "/dev/fd/1"])
def test_standard_output_gets_the_bytes(name: str) -> None:
    script = """
import os, sys
from lightfield import Lightfield
if sys.argv[2] == "/dev/stderr":
    os.dup2(1, 2)
os.write(1, b"before\\n")
with Lightfield(api_key="sk_lf_sandbox", base_url=sys.argv[1]) as client:
    client.file.download_to("fil_1", sys.argv[2])
os.write(1, b"after\\n")
"""
    content = b"a line\n" * 9
    with StorageServer(http(200, content), announced=len(content)) as server:
        assert run(script, server.base_url, name) == f"before\n{content.decode()}after\n"


async def test_a_descriptor_that_is_not_open_for_writing_is_refused(connect: Connect, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with (tmp_path / "a").open("rb") as file:
        assert "Bad file descriptor" in await refusal(connect, f"/dev/fd/{file.fileno()}")
    assert "Bad file descriptor" in await refusal(connect, "/dev/fd/999999999")
    assert (tmp_path / "a").read_bytes() == b"old"


async def test_what_is_no_file_is_refused_and_stays(connect: Connect, tmp_path: Path) -> None:
    message = "cannot be written: no file can be made at this path"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert message in await refusal(connect, tmp_path / "socket")
    (tmp_path / "loop").symlink_to("loop")
    assert "symbolic links" in await refusal(connect, tmp_path / "loop")
    assert "Not a directory" in await refusal(connect, tmp_path / "socket" / "call.txt")
    assert message in await refusal(connect, tmp_path)
    assert message in await refusal(connect, "")
    assert "null byte" in await refusal(connect, "a\0b")
    assert sorted(names(tmp_path)) == ["loop", "socket"]


@pytest.mark.parametrize("end", ["/", "//", "/.", "/./", "/.."])
@pytest.mark.parametrize("name", ["call.txt", "folder", "new"])
async def test_the_path_of_a_folder_is_refused(connect: Connect, tmp_path: Path, name: str, end: str) -> None:
    (tmp_path / "call.txt").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    assert "it is that of a folder" in await refusal(connect, f"{tmp_path / name}{end}")
    assert (tmp_path / "call.txt").read_bytes() == b"old"
    assert sorted(names(tmp_path)) == ["call.txt", "folder"]


NAMES = {
    "73 CJK characters": "\u6f22" * 73,
    "255 bytes": "a" * 255,
    "4 bytes each": "\U0001f4de" * 63,
    "not UTF-8": os.fsdecode(b"\xff\xfe.txt"),
    "a line break": "a\nb",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.skipif(sys.platform == "darwin", reason="takes characters, not bytes")
async def test_a_name_may_be_any_that_the_file_system_takes(connect: Connect, tmp_path: Path, name: str) -> None:
    for _ in range(2):  # as a new file, and in place of one
        assert await download(connect, tmp_path / name) == len(CONTENT)
        assert names(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == CONTENT


async def test_a_name_that_is_too_long_is_a_clear_error(connect: Connect, tmp_path: Path) -> None:
    assert "File name too long" in await refusal(connect, tmp_path / ("a" * 256))


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
async def test_a_link_stays_and_leads_to_the_file(connect: Connect, tmp_path: Path, there: bool) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(Path("folder", "call.txt"))
    if there:
        (folder / "call.txt").write_bytes(b"old")
        (folder / "call.txt").chmod(0o600)
    assert await download(connect, link) == len(CONTENT)
    assert link.is_symlink()
    assert (folder / "call.txt").read_bytes() == CONTENT
    assert mode(folder / "call.txt") == 0o600 or not there
    assert names(folder) == ["call.txt"]


async def test_bytes_are_no_path(connect: Connect, tmp_path: Path) -> None:
    with StorageServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldTypeError, match="not bytes"):
                await client.file.download_to("fil_1", bytes(tmp_path))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
