"""Ctrl-C at every moment of a blocking call: it comes out at once, and what was not sent is never sent."""

import asyncio
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import pytest

from lightfield import ClientClosedError, Lightfield, RateLimits
from lightfield._aio.portal import Portal
from tests.faults.server import ID, OPPORTUNITY, STALL, FaultServer, Reply, http
from tests.faults.storage import CONTENT, StorageServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signal for one process alone")

PATIENCE = 10.0
SOON = 0.9
"""Seconds in which an interrupted call returns: half of one, and the rest for a busy machine."""

GOOD = http(200, OPPORTUNITY)
SLOW = RateLimits(read=20.0, write=20.0)

Ready = Callable[[FaultServer, Lightfield], bool]


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Have Ctrl-C do what it does in a terminal: a shell's background jobs ignore it."""
    before = [(each, signal.getsignal(each)) for each in (signal.SIGINT, signal.SIGALRM)]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for each, handler in before:
        signal.signal(each, handler)


class CtrlC(threading.Thread):
    """Interrupts the main thread as soon as something is so, and notes when."""

    def __init__(self, ready: Callable[[], bool], send: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._ready = ready
        self._send = send
        self.sent = 0.0

    def run(self) -> None:
        due = time.monotonic() + PATIENCE
        while not self._ready() and time.monotonic() < due:
            time.sleep(0.001)
        self.sent = time.monotonic()
        self._send()


def interrupt_process() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def interrupt_own_thread() -> None:
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)


def interrupted(
    call: Callable[[], object], ready: Callable[[], bool], send: Callable[[], None] = interrupt_process
) -> float:
    """Make a call, interrupt it when it is ready, and give the seconds until the interrupt came out."""
    ctrl_c, result = CtrlC(ready, send), None
    ctrl_c.start()
    try:
        result = call()
        ctrl_c.join()
        time.sleep(PATIENCE)
    except KeyboardInterrupt:
        assert result is None, "the interrupt came too late"
    return time.monotonic() - ctrl_c.sent


def arrived(server: FaultServer, _: Lightfield) -> bool:
    return server.arrived.is_set()


def both_arrived(server: FaultServer, _: Lightfield) -> bool:
    return len(server.requests) == 2


def pausing(server: FaultServer, client: Lightfield) -> bool:
    return server.arrived.is_set() and not any(lane.in_flight for lane in client.rate_limits.values())


def retrieve(client: Lightfield) -> object:
    return client.opportunity.retrieve(ID)


def update(client: Lightfield) -> object:
    return client.opportunity.update(ID, fields={"$name": "interrupted"})


def bulk(client: Lightfield) -> object:
    return client.opportunity.retrieve_many([ID, "opp_2"])


def iterate(client: Lightfield) -> object:
    return list(client.opportunity.iter_many([ID, "opp_2"]))


def list_all(client: Lightfield) -> object:
    return list(client.opportunity.list_all())


BODY: Reply = [http(200, b"{", length=99), STALL]
RETRY: Reply = http(503, headers={"Retry-After": "50"})

PHASES: dict[str, tuple[Callable[[Lightfield], object], Reply, Ready]] = {
    "response": (retrieve, STALL, arrived),
    "response to a write": (update, STALL, arrived),
    "body": (retrieve, BODY, arrived),
    "retry": (retrieve, RETRY, pausing),
    "retry of a write": (update, RETRY, pausing),
    "bulk": (bulk, STALL, both_arrived),
    "iteration": (iterate, STALL, both_arrived),
    "listing": (list_all, STALL, arrived),
}


@pytest.mark.parametrize("phase", PHASES)
def test_interrupt_of_a_call_under_way(phase: str) -> None:
    call, fault, ready = PHASES[phase]
    with FaultServer(fault, GOOD) as server, at(server) as client:
        assert interrupted(lambda: call(client), lambda: ready(server, client)) < SOON
        if fault is not RETRY:
            assert server.hung_up.wait(PATIENCE)
        sent = len(server.requests)
        assert retrieve_once_more(client)
        assert len(server.requests) == sent + 1
        assert client.rate_limits["Read"].in_flight == client.rate_limits["Write"].in_flight == 0


def test_interrupt_that_does_not_wake_the_main_thread() -> None:
    """Another thread receives the signal. One that arrives just before the wait begins has the same effect."""
    with FaultServer(STALL) as server, at(server) as client:
        assert interrupted(lambda: retrieve(client), server.arrived.is_set, interrupt_own_thread) < SOON
        assert server.hung_up.wait(PATIENCE)


def at(server: FaultServer, rate_limits: RateLimits | None = None) -> Lightfield:
    return Lightfield(api_key="sk_lf_1", base_url=server.base_url, rate_limits=rate_limits)


def retrieve_once_more(client: Lightfield) -> bool:
    return client.opportunity.retrieve(ID).id == ID


def test_interrupt_while_connecting() -> None:
    """The server waits for the end of a request, the client for the server's part of the TLS handshake."""
    with FaultServer() as server, Lightfield(api_key="sk_lf_1", base_url=f"https://{server.address}") as client:
        assert interrupted(lambda: retrieve(client), lambda: server.connections == 1) < SOON
        assert server.hung_up.wait(PATIENCE)
        assert client.rate_limits["Read"].in_flight == 0
    assert server.requests == []


@pytest.mark.parametrize(("category", "call"), [("Read", retrieve), ("Write", update)])
def test_interrupt_in_the_queue_leaves_nothing_to_be_sent(
    category: Literal["Read", "Write"], call: Callable[[Lightfield], object]
) -> None:
    with FaultServer() as server, at(server, rate_limits=RateLimits(read=1, write=1)) as client:
        call(client)
        assert interrupted(lambda: call(client), lambda: client.rate_limits[category].waiting == 1) < SOON
        assert (client.rate_limits[category].waiting, client.rate_limits[category].granted) == (0, 1)
        call(client)  # the slot that the interrupted call waited for
        assert len(server.requests) == 2


def test_interrupt_of_a_bulk_of_writes_leaves_nothing_to_be_sent() -> None:
    with FaultServer() as server, at(server, rate_limits=SLOW) as client:
        requests = [client.plan.opportunity.update(f"opp_{number}", fields={}) for number in range(100)]
        assert interrupted(lambda: client.bulk(requests), lambda: len(server.requests) >= 3) < SOON
        sent = client.rate_limits["Write"].granted
        assert client.rate_limits["Write"].waiting == 0
        for _ in range(3):
            update(client)
        assert len(server.requests) <= client.rate_limits["Write"].granted == sent + 3


def test_interrupt_of_an_upload(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(bytes(100_000))
    with FaultServer(STALL, GOOD) as server, at(server) as client:
        assert interrupted(lambda: client.file.upload(path), server.arrived.is_set) < SOON
        assert server.hung_up.wait(PATIENCE)
        assert retrieve_once_more(client)
        assert len(server.requests) == 2


@pytest.mark.parametrize("to", ["memory", "file"])
def test_interrupt_of_a_download(tmp_path: Path, to: str) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(b"before")
    with StorageServer([http(200, CONTENT[:1000], length=len(CONTENT)), STALL]) as server, at(server) as client:

        def download() -> object:
            return client.file.download("fil_1") if to == "memory" else client.file.download_to("fil_1", path)

        assert interrupted(download, lambda: len(server.requests) == 3) < SOON
        assert server.hung_up.wait(PATIENCE)
        assert all(not lane.in_flight for lane in client.rate_limits.values())
    assert len(server.requests) == 3
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [(path.name, b"before")]


def test_interrupt_of_a_download_to_a_pipe_that_nobody_reads(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with StorageServer(http(200, CONTENT)) as server, at(server) as client:

        def download() -> object:
            return client.file.download_to("fil_1", path)

        assert interrupted(download, lambda: bool(select.select([reader], [], [], 0)[0])) < SOON
        assert server.hung_up.wait(PATIENCE)
    os.close(reader)


def test_interrupt_while_closing() -> None:
    """The client's thread is busy with a hook of the caller: closing waits for it, but not when interrupted."""
    busy, closing, free = threading.Event(), threading.Event(), threading.Event()

    def hook(_: object) -> None:
        busy.set()
        free.wait(PATIENCE)

    def work() -> None:
        with suppress(ClientClosedError):
            client.opportunity.retrieve_many([ID], progress=hook)

    def close() -> str:
        closing.set()
        client.close()
        return "closed"

    def ready() -> bool:
        return closing.wait(PATIENCE) and not free.wait(0.1)

    with FaultServer() as server:
        client = at(server)
        thread = threading.Thread(target=work)
        thread.start()
        assert busy.wait(PATIENCE)
        assert interrupted(close, ready) < SOON
        free.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        with pytest.raises(ClientClosedError):
            retrieve(client)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # an interrupt in a callback of Python's
def test_interrupt_at_any_moment_of_a_call_is_quick_and_leaves_the_client_usable() -> None:
    """A timer interrupts calls ever later, until they are over before it: also just before and just after each wait."""
    times: list[float] = []

    def ring(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, ring)
    with FaultServer() as server, at(server) as client:
        retrieve(client)
        for step in range(1, 151):
            began = time.monotonic()
            with suppress(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, step / 25_000)
                update(client)
                signal.setitimer(signal.ITIMER_REAL, 0)
                continue
            times.append(time.monotonic() - began)
        writes = client.rate_limits["Write"]
        assert (writes.in_flight, writes.waiting) == (0, 0)
        assert retrieve_once_more(client)
        assert len(server.requests) <= writes.granted + 2
    assert times
    assert len([each for each in times if each > SOON / 3]) <= 1  # the machine may pause


def test_handler_may_close_the_client_under_a_call() -> None:
    with FaultServer(STALL) as server:
        client = at(server)

        def ring(*_: object) -> None:
            client.close()

        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        began = time.monotonic()
        with pytest.raises(ClientClosedError):
            retrieve(client)
        assert time.monotonic() - began < PATIENCE / 2
        assert server.hung_up.wait(PATIENCE)


class InterruptedLoop(asyncio.SelectorEventLoop):
    """A loop whose second visitor is interrupted at its door."""

    visitors = 0

    def call_soon_threadsafe(  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        self, *args: Any, **options: Any
    ) -> asyncio.Handle:
        self.visitors += 1
        if self.visitors == 2:
            raise KeyboardInterrupt
        return super().call_soon_threadsafe(*args, **options)


def test_interrupt_before_a_call_is_handed_over_ends_it_unbegun() -> None:
    begun: list[str] = []

    async def call(name: str) -> str:
        begun.append(name)
        return name

    async def on_close() -> None:
        begun.append("farewell")

    portal = Portal("lightfield", on_close, InterruptedLoop)
    portal.call(call("first"))
    with pytest.raises(KeyboardInterrupt):
        portal.call(call("interrupted"))
    portal.call(call("third"))
    portal.close()
    assert begun == ["first", "third", "farewell"]
