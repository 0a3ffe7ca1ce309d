"""Is the end of background work found, in good time and with few questions?"""

import asyncio
from collections.abc import Collection
from itertools import pairwise
from typing import Any

import pytest

from lightfield import APIConnectionError, LightfieldTypeError, LightfieldValueError, WaitTimeoutError
from lightfield._operations.polling import FINISHED, poll_until_done
from lightfield.models import WorkflowStatus
from tests.clock import run


class Work:
    """Says one status after the other, the last one for ever."""

    def __init__(self, *statuses: str | Exception, takes: float = 0.0) -> None:
        self.statuses = statuses
        self.takes = takes
        self.times: list[float] = []

    async def fetch(self) -> WorkflowStatus:
        self.times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.takes)
        said = self.statuses[min(len(self.times), len(self.statuses)) - 1]
        if isinstance(said, Exception):
            raise said
        return WorkflowStatus(status=said)

    def wait(self, deadline: float | None = 600.0, ends: Collection[str] = FINISHED) -> str:
        return run(poll_until_done(self.fetch, asyncio.sleep, deadline, ends)).status


@pytest.mark.parametrize("end", ["completed", "COMPLETED", "failed", "timed_out", "done", "Cancelled"])
def test_it_asks_until_the_status_is_an_end(end: str) -> None:
    work = Work("queued", "running", "cleanup_pending", "never_heard_of", end)
    assert work.wait() == end
    assert len(work.times) == 5


def test_pauses_grow_up_to_five_seconds() -> None:
    work = Work(*["running"] * 12, "done")
    work.wait()
    pauses = [later - earlier for earlier, later in pairwise(work.times)]
    assert pauses[:3] == pytest.approx([0.5, 0.75, 1.125])
    assert pauses[-1] == 5.0
    assert pauses == sorted(pauses)


def test_what_is_an_end_can_be_said() -> None:
    assert Work("completed", "archived").wait(ends=["ARCHIVED"]) == "archived"


@pytest.mark.parametrize("takes", [0.0, 100.0], ids=["while-pausing", "while-asking"])
def test_the_deadline_holds_and_the_error_says_what_was_seen(takes: float) -> None:
    work = Work("queued", "running", takes=takes)

    async def measure() -> float:
        started = asyncio.get_running_loop().time()
        with pytest.raises(WaitTimeoutError, match="Not finished in 60 s") as caught:
            await poll_until_done(work.fetch, asyncio.sleep, 60.0)
        assert caught.value.last == (None if takes else WorkflowStatus(status="running"))
        assert isinstance(caught.value, TimeoutError)
        return asyncio.get_running_loop().time() - started

    assert run(measure()) == pytest.approx(60.0)


def test_without_a_deadline_it_waits_on() -> None:
    assert Work(*["running"] * 1_000, "done").wait(deadline=None) == "done"


def test_a_failure_to_ask_is_raised() -> None:
    with pytest.raises(APIConnectionError):
        Work("running", APIConnectionError("lost")).wait()


def test_a_timeout_of_somebody_else_is_not_taken_for_ours() -> None:
    with pytest.raises(TimeoutError) as caught:
        Work(TimeoutError("theirs")).wait()
    assert not isinstance(caught.value, WaitTimeoutError)


@pytest.mark.parametrize("deadline", [0, -1, float("nan")])
def test_a_deadline_that_cannot_be_is_refused(deadline: float) -> None:
    with pytest.raises(LightfieldValueError, match="deadline"):
        Work("done").wait(deadline)


@pytest.mark.parametrize("ends", ["done", 5, None, [5]])
def test_what_is_no_collection_of_ends_is_refused(ends: Any) -> None:
    with pytest.raises(LightfieldTypeError, match="collection"):
        Work("done").wait(ends=ends)
