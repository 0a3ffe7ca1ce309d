"""Does a lane go on when a loop that uses it sleeps, stops or vanishes? On real loops, each on a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from lightfield._config.options import Priority
from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace
from lightfield._pacing.queue import IN_FLIGHT
from lightfield._pacing.registry import lane_status
from lightfield._pacing.schedule import Slot
from tests.lifecycle.script import run as script_run
from tests.unit.pacing.gates import fill, ranks
from tests.unit.pacing.paces import spaced

T = TypeVar("T")

LIMIT = 200.0
SLOT = 1 / LIMIT


class Loop:
    """An event loop on a thread of its own, with a gate."""

    def __init__(self, lane: Lane) -> None:
        self.gate = Gate(lane)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.begin(coroutine).result(20)

    def do(self, action: Callable[[], object]) -> None:
        self.loop.call_soon_threadsafe(action)

    def walks(self, number: int, priority: Priority = "interactive") -> "Future[list[float]]":
        return self.begin(walk_all(self.gate, number, priority))

    @contextmanager
    def abandoned(self, number: int) -> Generator[None]:
        """Close the loop while some calls wait at its gate, as no tidy program does: they wait for ever."""
        calls = self.call(begin(self.gate, number))
        self.stop()
        yield
        for call in calls:
            call.close()

    def stop(self) -> None:
        self.do(self.loop.stop)
        self.thread.join()
        self.loop.close()


async def walk_all(gate: Gate, number: int, priority: Priority = "interactive") -> list[float]:
    """Go through a gate many times, and say when each slot came."""

    async def walk() -> float:
        await gate.admit(next(ranks), priority)
        moment = time.monotonic()
        gate.leave()
        return moment

    return await asyncio.gather(*(walk() for _ in range(number)))


async def begin(gate: Gate, number: int) -> Sequence[Coroutine[Any, Any, Slot]]:
    """Have calls wait at a gate that no task holds."""

    async def wait(waiter: asyncio.Future[Any]) -> None:
        await waiter

    if not gate.lane.waiting:
        await fill(gate, 1)
    calls = list[Coroutine[Any, Any, Slot]]()
    while len(calls) < number:
        call = gate.admit(next(ranks), wait=wait)
        try:
            call.send(None)
        except StopIteration:  # those before it are through already
            gate.leave()
        else:
            calls.append(call)
    return calls


async def cancel_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


@contextmanager
def loops(number: int, limit: float = LIMIT) -> Generator[list[Loop]]:
    lane = Lane(spaced(limit, time.monotonic()))
    made = [Loop(lane) for _ in range(number)]
    try:
        yield made
    finally:
        for each in made:
            if not each.loop.is_closed():
                each.call(cancel_the_rest())
                each.stop()


def wait_for(condition: Callable[[], object], patience: float = 10.0) -> None:
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.001)


def test_loops_on_several_threads_keep_the_pace_together() -> None:
    with loops(4) as made:
        found = [each.walks(50) for each in made]
        moments = sorted(moment for each in found for moment in each.result(20))
        status = lane_status(made[0].gate.lane)
    assert (status.granted, status.waiting, status.in_flight) == (200, 0, 0)
    for number in range(3, 200, 7):  # a moment is noted late at times, but not the slot granted early
        assert moments[number] - moments[0] >= number * SLOT - 0.05
    assert 199 * SLOT - 0.05 <= moments[-1] - moments[0] < 3 * 199 * SLOT


def test_an_interactive_call_passes_the_bulk_of_another_thread() -> None:
    with loops(2) as (one, other):
        bulk = one.walks(300, "bulk")
        wait_for(lambda: lane_status(one.gate.lane).granted > 20)
        waiting_before = lane_status(one.gate.lane).waiting
        for _ in range(5):
            other.call(walk_all(other.gate, 1))
        passed_by = waiting_before - lane_status(one.gate.lane).waiting
        bulk.cancel()
    assert passed_by < 60  # a few at most each time; on a busy machine some more


def test_a_blocked_loop_is_passed_over_and_the_others_go_on() -> None:
    freed = threading.Event()
    with loops(2) as (blocked, free):
        old = blocked.walks(100)
        wait_for(lambda: lane_status(blocked.gate.lane).granted > 3)
        blocked.do(partial(freed.wait, 20))
        began = time.monotonic()
        moments = free.walks(40).result(20)
        assert lane_status(blocked.gate.lane).waiting > 0
        assert blocked.gate.unresponsive
        freed.set()
        assert len(old.result(20)) == 100
        assert not blocked.gate.unresponsive
    assert moments[-1] - began < 3 * 40 * SLOT


def test_a_closed_loop_with_waiters_is_passed_over() -> None:
    with loops(2) as (closed, free), closed.abandoned(9):
        began = time.monotonic()
        moments = free.walks(40).result(20)
        assert moments[-1] - began < 3 * 40 * SLOT


async def test_a_call_that_gets_its_slot_at_once_while_others_wait_has_not_waited() -> None:
    free = Gate(Lane(spaced(LIMIT, time.monotonic())))
    bound = Gate(free.lane, max_rps=0.1)
    await bound.admit(next(ranks))
    waiting = asyncio.ensure_future(bound.admit(next(ranks)))
    await asyncio.sleep(3 * SLOT)
    assert (await free.admit(next(ranks))).waited == 0.0
    waiting.cancel()


def test_those_who_waited_on_a_closed_loop_are_forgotten() -> None:
    with loops(2) as (closed, free), closed.abandoned(9):
        free.call(walk_all(free.gate, 10))
        free.call(asyncio.sleep(5 * SLOT))
        assert free.gate.lane.waiting == set()
        assert lane_status(free.gate.lane).waiting == 0
        assert free.call(free.gate.admit(next(ranks))).waited == 0.0


def test_a_younger_waiter_on_a_closed_loop_is_forgotten_when_it_would_be_its_turn() -> None:
    with loops(2) as (closed, free):
        old = free.walks(40)
        wait_for(lambda: free.gate.lane.waiting)
        with closed.abandoned(9):
            old.result(20)
            wait_for(lambda: not free.gate.lane.waiting)
            assert lane_status(free.gate.lane).waiting == 0


def test_a_loop_that_is_closed_before_it_wakes_a_gate_holds_up_no_later_wake() -> None:
    lane, loop = Lane(Pace(1.0)), asyncio.new_event_loop()
    gate = Gate(lane)

    async def wait_behind_a_full_second() -> Coroutine[Any, Any, Slot]:
        await gate.admit(next(ranks))
        call = gate.admit(next(ranks))
        call.send(None)
        return call

    call = loop.run_until_complete(wait_behind_a_full_second())
    lane.schedule_wake(gate)
    loop.close()
    assert gate in lane.waiting
    lane.schedule_wake(gate)
    assert gate not in lane.waiting
    call.close()


class CountingLane(Lane):
    wakes = 0

    def wake(self, gate: Gate) -> None:
        self.wakes += 1
        super().wake(gate)


async def test_calls_that_leave_together_wake_their_gate_once() -> None:
    lane = CountingLane(Pace(None))
    gate = Gate(lane)
    await fill(gate, IN_FLIGHT["interactive"])
    waiting = [asyncio.ensure_future(gate.admit(next(ranks))) for _ in range(2 * 20)]
    await asyncio.sleep(0)
    for _ in range(2):
        lane.wakes = 0
        for _ in range(20):
            gate.leave()
        await asyncio.sleep(0)
        assert lane.wakes == 1
    await asyncio.gather(*waiting)


def test_calls_that_a_closed_loop_left_behind_vanish_quietly() -> None:
    script = """
import asyncio, gc, logging, sys
from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace

logging.disable()  # asyncio tells of each task
gc.disable()  # it may come while a call is being closed, and close it again: the interpreter then complains by itself
sys.unraisablehook = lambda found: print(found.exc_value)

async def call(gate, number):
    await gate.admit(number)
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        gate.leave()

async def main(gate):
    for number in range(9):
        loop.create_task(call(gate, number))
    await asyncio.sleep(0.01)

lane, loop = Lane(Pace(1.0)), asyncio.new_event_loop()
loop.run_until_complete(main(Gate(lane)))
loop.close()
print(lane.in_flight, len(lane.waiting))
del loop
lane.waiting.clear()
gc.collect()
print(lane.in_flight, len(lane.waiting))
"""
    assert script_run(script) == "1 1\n0 0\n"


def test_a_call_that_the_garbage_collector_ends_inside_a_gate_locks_nobody_up() -> None:
    script = """
import asyncio, faulthandler, gc
from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace
from lightfield._pacing.registry import lane_status

class Rank(int):
    def __lt__(self, other):
        gc.collect()  # as it may run at any moment, in the middle of a gate too
        return int(self) < int(other)

async def hold(gate, itself):
    await gate.admit(0)
    try:
        await asyncio.Event().wait()
    finally:
        gate.leave()

async def main():
    gate, itself = Gate(Lane(Pace(1.0))), []
    itself.append(hold(gate, itself))
    itself[0].send(None)
    assert lane_status(gate.lane).in_flight == 1
    del itself
    waiting = [asyncio.ensure_future(gate.admit(Rank(number))) for number in (5, 4, 3, 2)]
    await asyncio.sleep(0)
    assert lane_status(gate.lane).in_flight == 0
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

faulthandler.dump_traceback_later(3, exit=True)
gc.disable()
asyncio.run(main())
print("free")
"""
    assert script_run(script) == "free\n"
