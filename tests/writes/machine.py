"""Writes and faults drawn by Hypothesis, until there have been enough of them."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.client.both import Connect, awaited, blocking
from tests.writes.clock import HastyLoop
from tests.writes.model import OPERATIONS, Desk, Draft, Tally
from tests.writes.server import TIMEOUT, Crm, Fault

DRAFTS = st.builds(
    Draft,
    st.sampled_from(OPERATIONS),
    st.integers(0, 7),
    st.lists(st.sampled_from(Fault), min_size=1, max_size=4),
)
SEVERAL = st.lists(DRAFTS, min_size=1, max_size=8) | st.lists(DRAFTS, min_size=60, max_size=120)


class Kind(NamedTuple):
    """A client, and how to hurry: real time passes for the blocking one, whose loop is on a thread of its own."""

    connect: Connect
    loop: type[asyncio.AbstractEventLoop] | None
    deadlines: tuple[float | None, ...]
    examples: int
    steps: int
    phases: tuple[Phase, ...]


KINDS = {
    "awaited": Kind(awaited, HastyLoop, (None, 1.5), 10, 10, (Phase.generate, Phase.shrink)),
    "blocking": Kind(blocking, None, (1.5,), 3, 4, (Phase.generate,)),
}


class Writes(RuleBasedStateMachine):
    """Writes of one client to one server."""

    kind: Kind
    total: Tally

    def __init__(self) -> None:
        super().__init__()
        self._tally = Tally()
        self._runner = asyncio.Runner(loop_factory=self.kind.loop)
        self._stack = AsyncExitStack()
        self._desk: Desk

    @initialize(retries=st.sampled_from([3, 5, 2, 0]), budget=st.sampled_from([None, None, 500]), data=st.data())
    def open(self, retries: int, budget: int | None, data: st.DataObject) -> None:
        deadline = data.draw(st.sampled_from(self.kind.deadlines))
        self._runner.run(self._open(max_retries=retries, retry_budget=budget, deadline=deadline))

    async def _open(self, **options: Any) -> None:
        crm = await self._stack.enter_async_context(Crm(self._tally.faults))
        client = self.kind.connect(crm.base_url, timeout=TIMEOUT, rate_limits=None, **options)
        self._desk = Desk(await self._stack.enter_async_context(client), crm, self._tally)

    @rule(draft=DRAFTS)
    def alone(self, draft: Draft) -> None:
        self._runner.run(self._desk.at_once([draft]))

    @rule(drafts=SEVERAL)
    def at_once(self, drafts: list[Draft]) -> None:
        self._runner.run(self._desk.at_once(drafts))

    @rule(drafts=SEVERAL)
    def in_bulk(self, drafts: list[Draft]) -> None:
        self._runner.run(self._desk.in_bulk(drafts))

    @rule(drafts=SEVERAL, begins=st.floats(0, 0.5), lasts=st.floats(0, 1))
    def in_outage(self, drafts: list[Draft], begins: float, lasts: float) -> None:
        self._runner.run(self._desk.in_outage(drafts, begins, lasts))

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert not self._tally.complaints, "\n".join(map(str, self._tally.complaints))

    def teardown(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()
        self.total.add(self._tally)


def drive(kind: Kind, enough: int, total: Tally) -> None:
    """Make at least so many writes.

    Raises:
        AssertionError: Something is wrong with one of them.
    """
    checks = HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example
    one_go = settings(
        max_examples=kind.examples,
        stateful_step_count=kind.steps,
        deadline=None,
        database=None,
        phases=kind.phases,
        suppress_health_check=checks,
    )
    machine = type("DrawnWrites", (Writes,), {"kind": kind, "total": total})
    while total.writes < enough:
        run_state_machine_as_test(machine, settings=one_go)
