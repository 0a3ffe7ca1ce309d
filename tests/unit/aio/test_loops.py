"""The event loop of a blocking client."""

import asyncio
import os
import socket
import subprocess
import sys

import pytest
import uvloop

from lightfield import Lightfield
from lightfield._aio.loop import new_loop
from lightfield.testing import Sandbox

WHICH = """
import asyncio, sys
{prelude}
from lightfield import Lightfield

async def which():
    yield type(asyncio.get_running_loop()).__mro__[1].__module__.partition(".")[0]

with Lightfield(api_key="k") as client:
    print(*client._portal.iterate(which()))
"""


@pytest.mark.parametrize(
    ("prelude", "setting", "expected"),
    [
        ("", None, "uvloop"),
        ("", "1", "uvloop"),
        ("", "0", "asyncio"),
        ("sys.modules['uvloop'] = None  # as if it were not installed", None, "asyncio"),
    ],
)
def test_a_blocking_client_runs_on_uvloop_where_that_is_installed(
    prelude: str, setting: str | None, expected: str
) -> None:
    others = {name: value for name, value in os.environ.items() if name != "LIGHTFIELD_UVLOOP"}
    environment = others if setting is None else {**others, "LIGHTFIELD_UVLOOP": setting}
    code = WHICH.format(prelude=prelude)
    printed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert printed.stdout.split() == [expected]


def test_it_works_on_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTFIELD_UVLOOP", "1")
    with Sandbox(opportunities=1) as sandbox, Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url) as client:
        assert client.opportunity.retrieve(sandbox.opportunity_ids[0]).id == sandbox.opportunity_ids[0]


def test_its_loop_looks_no_names_up() -> None:
    loop = new_loop()
    try:
        assert isinstance(loop, uvloop.Loop)
        [(*_, address)] = loop.run_until_complete(loop.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM))
        assert address == ("127.0.0.1", 80)
        with pytest.raises(socket.gaierror):
            loop.run_until_complete(loop.getaddrinfo("localhost", 80))
    finally:
        loop.close()


def test_without_it_there_is_that_of_asyncio() -> None:
    loop = new_loop(uvloop=False)
    loop.close()
    assert isinstance(loop, asyncio.BaseEventLoop)


WITHOUT_DESCRIPTORS = """
import errno, resource
from lightfield._aio.loop import new_loop
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))  # those of the process itself
try:
    new_loop()
except OSError as error:
    print(error.errno == errno.EMFILE, error.filename)
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
new_loop().close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of descriptors")
def test_where_descriptors_have_run_out_the_error_names_no_file() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_DESCRIPTORS], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["True", "None"], "")


AFTER_MAIN = """
import sys, threading
from lightfield import Lightfield

client = Lightfield(api_key="sk_lf_sandbox", base_url=sys.argv[1])

def call():
    threading.main_thread().join()
    print(client.opportunity.retrieve(sys.argv[2]).id)

threading.Thread(target=call).start()
"""


@pytest.mark.skipif(sys.version_info[:2] == (3, 12), reason="Python 3.12 starts no thread after the main one has ended")
def test_a_first_call_after_the_main_thread_has_ended_works() -> None:
    """uvloop cannot be loaded any more then."""
    others = {name: value for name, value in os.environ.items() if name != "LIGHTFIELD_UVLOOP"}
    with Sandbox(opportunities=1) as sandbox:
        arguments = [sys.executable, "-c", AFTER_MAIN, sandbox.base_url, sandbox.opportunity_ids[0]]
        done = subprocess.run(arguments, env=others, capture_output=True, text=True, check=False, timeout=30)
        assert (done.stdout.split(), done.stderr) == ([sandbox.opportunity_ids[0]], "")
