import asyncio, threading, time
import pytest
from lightfield._lane import Lane, lane
from lightfield._limits import Gate, Pace
from lightfield import RateLimits
from tests.clock import VirtualClockLoop, run, START
from tests.unit.gates import *
from tests.unit.paces import told
from tests.unit.test_lanes import config

@pytest.mark.parametrize("n", [2, 3])
def test_bound_gate_in_queue_slows_nobody(n):
    async def scenario():
        l = Lane(Pace(500.0))
        bound = Gate(l, max_rps=0.1)
        others = [Gate(l) for _ in range(n)]
        await walk(bound)
        w = walks(bound, 1)
        await asyncio.sleep(1)
        b = now()
        m = await asyncio.gather(*(walk(others[i % n]) for i in range(300)))
        w[0].cancel()
        return max(m) - b
    assert run(scenario()) < 300/500 + .01

def test_other_field():
    first = lane(config(rate_limits=RateLimits(read=5)), "Read")
    lane(config(rate_limits=RateLimits(write=10)), "Read")
    assert first.pace.limit == 5

def test_bound_other_clock():
    one, two = VirtualClockLoop(), VirtualClockLoop()
    gate = new_gate(None, max_rps=1.0)
    one._clock.now = 1e6
    one.run_until_complete(gate.admit(0)); gate.leave()
    t = two.run_until_complete(asyncio.wait_for(gate.admit(1), 5))
    assert t <= 1

def test_share_lower():
    async def scenario():
        gate = new_gate(25.0, share=0.5)
        await walk(gate)
        gate.learn(200, told(limit=5))
        return await walk(gate)
    assert run(scenario()) == 0.4

def test_leave_elsewhere():
    async def scenario():
        gate = new_gate(None)
        await fill(gate, 64)
        t = walks(gate, 1)[0]
        await asyncio.sleep(0.01)
        await asyncio.to_thread(gate.leave)
        await asyncio.sleep(0.01)
        b = time.monotonic()
        await asyncio.sleep(1)
        return t.done()
    async def s2():
        gate = new_gate(None)
        await fill(gate, 64)
        t = walks(gate, 1)[0]
        await asyncio.sleep(0.01)
        threading.Timer(0.1, gate.leave).start()
        await asyncio.wait_for(t, 2)
    asyncio.run(s2())

def test_leave_elsewhere_debug():
    async def s2():
        gate = new_gate(None)
        await fill(gate, 64)
        t = walks(gate, 1)[0]
        await asyncio.sleep(0.01)
        threading.Timer(0.1, gate.leave).start()
        await asyncio.wait_for(t, 2)
    asyncio.run(s2(), debug=True)

def test_untake_spending():
    pace = Pace(25.0)
    from tests.unit.test_pace_remaining import pace_told
    pace = pace_told(*[20]*12)
    assert pace.rate() == 30
    before = pace._next
    t = max(pace.due(START+3), START+3)
    pace.take(t); pace.untake()
    assert pace._next >= before - 1e-9, (pace._next, before)
