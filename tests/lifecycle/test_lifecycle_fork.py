"""A forked process: a client begins afresh there, and the parent notices nothing."""

import os
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from tests.faults.server import OPPORTUNITY, FaultServer, Reply, http
from tests.lifecycle.script import PATIENCE, run, started

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")

START = """
import asyncio, gc, os, signal, sys, threading, warnings
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
from lightfield import AsyncLightfield, Lightfield, LightfieldUsageError
kind, url = sys.argv[1:]
options = {"api_key": "sk_lf_1", "base_url": url, "rate_limits": None, "timeout": 5, "max_retries": 0}
loops = []
loop = None

def new_loop():
    global loop
    if kind == "awaited":
        loop = asyncio.new_event_loop()
        loops.append(loop)  # one that is dropped would be closed, and what it watches with it: also for the parent

new_loop()
if kind == "blocking":
    client = Lightfield(**options)
    def get():
        return client.opportunity.retrieve("opp_1").id
else:
    client = AsyncLightfield(**options)
    def get():
        return loop.run_until_complete(client.opportunity.retrieve("opp_1")).id

def close():
    client.close() if kind == "blocking" else loop.run_until_complete(client.close())

def forked(work):
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        return
    signal.alarm(20)  # a child that hangs ends badly
    new_loop()
    status = 1
    try:
        work()
        status = 0
    finally:
        sys.stdout.flush()
        os._exit(status)
"""

END = """
print("parent", get())
close()
loop and loop.close()
"""


@pytest.fixture(params=["blocking", "awaited"])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def test_client_that_was_only_made_before_the_fork_works_on_both_sides(kind: str, server: FaultServer) -> None:
    script = START + 'forked(lambda: print("child", get()) or close())' + END
    assert run(script, kind, server.base_url) == "child opp_1\nparent opp_1\n"
    assert server.connections == 2


def test_client_that_was_used_begins_afresh_in_the_child(kind: str, server: FaultServer) -> None:
    """The child and its own child each have a connection; the parent goes on with its own."""
    script = f"""{START}
def work():
    print("child", get(), get(), flush=True)
    forked(lambda: print("grandchild", get(), flush=True))
    close()

print("parent", get(), flush=True)
forked(work){END}"""
    assert run(script, kind, server.base_url) == "parent opp_1\nchild opp_1 opp_1\ngrandchild opp_1\nparent opp_1\n"
    assert (server.connections, len(server.requests)) == (3, 5)


ENDS = {
    "closed": "close()",
    "dropped": "global client, get, close; del client, get, close; gc.collect()",
    "left": "pass",
}


@pytest.mark.parametrize("end", ENDS)
def test_end_of_the_child_leaves_the_connection_of_the_parent_alone(kind: str, server: FaultServer, end: str) -> None:
    """A finalizer in the child would unhook the connection from the parent's loop, whose next call would wait."""
    script = f"""{START}
def work():
    {ENDS[end]}

get()
forked(work){END}"""
    assert run(script, kind, server.base_url) == "parent opp_1\n"
    assert (server.connections, len(server.requests)) == (1, 2)


@pytest.mark.parametrize("end", ["close()", "pass", "print('child', get(), flush=True)"])
def test_child_that_ends_as_interpreters_do_leaves_the_parent_alone(server: FaultServer, end: str) -> None:
    script = f"""{START}
print("parent", get(), flush=True)
child = os.fork()
if not child:
    {end}
    sys.exit()
assert os.waitpid(child, 0)[1] == 0{END}"""
    child = "child opp_1\n" if "print" in end else ""
    assert run(script, "blocking", server.base_url) == f"parent opp_1\n{child}parent opp_1\n"
    assert server.connections == 1 + bool(child)


def test_connection_that_the_parent_closes_is_closed_though_the_child_lives(kind: str, server: FaultServer) -> None:
    script = f"""{START}
get()
child = os.fork()
if not child:
    signal.alarm(20)
    sys.stdin.read()
    os._exit(0)
close()
loop and loop.close()
print("closed", flush=True)
assert os.waitpid(child, 0)[1] == 0
"""
    with started(script, kind, server.base_url) as process:
        assert process.stdout
        assert process.stdout.readline() == "closed\n"
        assert server.hung_up.wait(PATIENCE)
        assert process.communicate(timeout=PATIENCE) == ("", "")


def test_busy_client_is_free_in_the_child_and_its_calls_go_on_in_the_parent(kind: str) -> None:
    """As many calls as may be under way at once are, when the process forks: the child has places of its own."""
    busy, answer = 64, threading.Event()
    script = f"""{START}
def forked_meanwhile():
    forked(lambda: print("child", get()))
    print("forked", flush=True)

async def all_at_once():
    calls = [asyncio.ensure_future(client.opportunity.retrieve("opp_1")) for _ in range({busy})]
    while client.rate_limits["Read"].in_flight < {busy}:
        await asyncio.sleep(0.001)
    await asyncio.to_thread(sys.stdin.readline)
    forked_meanwhile()
    return len(await asyncio.gather(*calls))

if kind == "blocking":
    threads = [threading.Thread(target=get) for _ in range({busy})]
    [thread.start() for thread in threads]
    sys.stdin.readline()
    forked_meanwhile()
    print(len([thread.join() for thread in threads]))
else:
    print(loop.run_until_complete(all_at_once())){END}"""
    late: Reply = [answer, http(200, OPPORTUNITY)]
    with (
        FaultServer(*[late] * busy, http(200, OPPORTUNITY)) as server,
        started(script, kind, server.base_url) as process,
    ):
        assert process.stdin
        assert process.stdout
        until_it_has(server, busy)
        process.stdin.write("\n")
        process.stdin.flush()
        assert (process.stdout.readline(), process.stdout.readline()) == ("child opp_1\n", "forked\n")
        answer.set()
        assert process.communicate(timeout=PATIENCE) == (f"{busy}\nparent opp_1\n", "")
        assert len(server.requests) == busy + 2


def until_it_has(server: FaultServer, requests: int) -> None:
    waiting = threading.Event()
    for _ in range(2000):
        if len(server.requests) == requests:
            return
        waiting.wait(0.01)
    raise AssertionError(len(server.requests))


def test_forks_at_any_moment_of_other_threads_leave_no_lock_behind(server: FaultServer) -> None:
    script = f"""{START}
stop = threading.Event()
def hammer():
    while not stop.is_set():
        get()
get()  # with it the host is looked up, which the C library must not do in another thread when a process forks
threads = [threading.Thread(target=hammer) for _ in range(4)]
[thread.start() for thread in threads]
try:
    for _ in range(12):
        forked(get)
finally:
    stop.set()
[thread.join() for thread in threads]{END}"""
    assert run(script, "blocking", server.base_url) == "parent opp_1\n"


@pytest.mark.parametrize(
    ("module", "use"),
    [("aiohttp.tracing", "get()"), ("lightfield.resources.accounts", "client.account"), ("uvloop.loop", "get()")],
)
def test_fork_while_another_thread_imports_what_it_uses_first(
    module: str, use: str, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that is forked in the middle of that would wait for ever for the import, or a lock, of that thread."""
    if module.startswith("uvloop"):
        monkeypatch.setenv("LIGHTFIELD_UVLOOP", "1")
    script = f"""{START}
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}" and not importing.is_set():
            importing.set()
            forked_meanwhile.wait(0.5)

importing, forked_meanwhile = threading.Event(), threading.Event()
sys.meta_path.insert(0, Watch())
thread = threading.Thread(target=lambda: {use})
thread.start()
assert importing.wait(10)
child = os.fork()
forked_meanwhile.set()
if not child:
    signal.alarm(10)
    {use}
    os._exit(get() != "opp_1")
assert os.waitpid(child, 0)[1] == 0
thread.join(){END}"""
    assert run(script, "blocking", server.base_url) == "parent opp_1\n"


def test_loop_of_the_parent_is_refused_in_the_child(server: FaultServer) -> None:
    """What the kernel watches for a loop is shared by both processes: each would hear of the other's sockets."""
    script = f"""{START}
parents = loop
def work():
    global loop
    loop = parents
    try:
        get()
    except LightfieldUsageError as error:
        print(error)

get()
forked(work){END}"""
    said = "This event loop belongs to the parent of this forked process. Run a new one."
    assert run(script, "awaited", server.base_url) == f"{said}\nparent opp_1\n"
    assert (server.connections, len(server.requests)) == (1, 2)


def test_child_says_nothing_on_a_tls_connection_of_the_parent(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    with authority.cert_pem.tempfile() as path, FaultServer(tls=context) as server:
        monkeypatch.setenv("SSL_CERT_FILE", path)
        script = f'{START}\nprint("parent", get(), flush=True)\nforked(lambda: print("child", get()) or close()){END}'
        assert run(script, kind, server.base_url) == "parent opp_1\nchild opp_1\nparent opp_1\n"
        assert server.connections == 2


def test_closed_client_stays_closed_in_the_child(kind: str, server: FaultServer) -> None:
    script = f"""{START}
def work():
    try:
        get()
    except LightfieldUsageError as error:
        print(error)

get()
close()
forked(work)
loop and loop.close()
"""
    assert run(script, kind, server.base_url) == "The client is closed.\n"
    assert len(server.requests) == 1
