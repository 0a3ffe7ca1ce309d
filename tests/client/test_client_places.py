"""Does a client work in odd places, or say why it does not?"""

import asyncio
import os
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

import pytest

import lightfield
from lightfield import LightfieldUsageError, Transfer
from tests.client.both import awaited, until
from tests.faults.server import ID, FaultServer, header, http
from tests.faults.storage import CONTENT, StorageServer

CALL = """
import site, sys
site.addsitedir(sys.argv[3])
from lightfield import Lightfield
with Lightfield(api_key="k", base_url=sys.argv[1]) as client:
    print(client.opportunity.retrieve(sys.argv[2]).id)
"""


def test_a_copy_that_was_not_installed_works(tmp_path: Path) -> None:
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "lightfield" not in entry.name:
            (tmp_path / entry.name).symlink_to(entry)
    (tmp_path / "lightfield").symlink_to(Path(lightfield.__file__).parent)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with FaultServer() as server:
        command = [sys.executable, "-S", "-c", CALL, server.base_url, ID, str(tmp_path)]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (f"{ID}\n", "")
    assert (header(server.requests[0], "User-Agent") or "").startswith(f"lightfield-async/{lightfield.__version__} ")


async def test_where_no_thread_can_be_started_for_the_lookup_a_call_says_so() -> None:
    await until(lambda: all(thread.name != "lightfield-blocking" for thread in threading.enumerate()))
    with FaultServer() as server:
        async with awaited(server.base_url) as client:
            usual = threading.stack_size(1 << 46)  # more than there is
            try:
                with pytest.raises(LightfieldUsageError, match=r"^No request can be made here: .*[a-z]\.$"):
                    await client.opportunity.retrieve(ID)
            finally:
                threading.stack_size(usual)
    assert server.requests == []


def test_a_loop_whose_own_threads_are_gone_is_good_enough() -> None:
    async def late(server: StorageServer) -> str | None:
        async with awaited(server.base_url) as client:
            await asyncio.get_running_loop().shutdown_default_executor()
            return (await client.file.upload(Path(__file__))).status

    with StorageServer(http(200)) as server:
        assert asyncio.run(late(server)) == "COMPLETED"


async def test_a_cancellation_that_a_hook_raises_is_no_lost_connection() -> None:
    def hook(_: Transfer) -> None:
        raise asyncio.CancelledError

    with StorageServer(http(200, CONTENT)) as server:
        async with awaited(server.base_url) as client:
            with pytest.raises(asyncio.CancelledError):
                await client.file.download("fil_1", progress=hook)
    assert len(server.requests) == 3
