"""The blocking client where a loop already runs, as in a notebook, and on other kinds of loop."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from lightfield import AsyncLightfield, Lightfield, LightfieldUsageError, Progress
from lightfield.testing import Sandbox


def use(sandbox: Sandbox, progress: Callable[[Progress], object] | None = None) -> None:
    """Use a blocking client in every way it has."""
    ids = sandbox.opportunity_ids
    with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None) as client:
        assert client.opportunity.retrieve(ids[0]).id == ids[0]
        assert [each.id for each in client.opportunity.retrieve_many(ids, progress=progress).values] == ids
        assert {outcome.id for outcome in client.opportunity.iter_many(ids)} == {*ids}
        assert next(iter(client.opportunity.iter_many(ids))).id in ids


async def test_blocking_calls_work_inside_a_running_loop(sandbox: Sandbox) -> None:
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    turning = asyncio.ensure_future(turn())
    await asyncio.sleep(0.001)
    before = turns
    use(sandbox)
    assert turns == before  # it blocks, as it says
    turning.cancel()


async def test_both_clients_live_side_by_side(sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    options = {"api_key": sandbox.api_key, "base_url": sandbox.base_url}
    with Lightfield(**options) as blocking:  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
        async with AsyncLightfield(**options) as awaited:  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
            assert await awaited.opportunity.retrieve(id) == blocking.opportunity.retrieve(id)


def test_asyncio_debug_mode_finds_nothing(
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    seen: set[bool] = set()
    use(sandbox, progress=lambda _: seen.add(asyncio.get_running_loop().get_debug()))
    assert seen == {True}
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.filterwarnings("ignore:.*event_loop_policy:DeprecationWarning")
def test_loop_is_of_the_kind_that_the_policy_makes(sandbox: Sandbox) -> None:
    uvloop: Any = pytest.importorskip("uvloop")
    seen: set[type] = set()
    policies: Any = asyncio  # they are deprecated since Python 3.14, and still in use
    before = policies.get_event_loop_policy()
    policies.set_event_loop_policy(uvloop.EventLoopPolicy())
    try:
        use(sandbox, progress=lambda _: seen.add(type(asyncio.get_running_loop())))
    finally:
        policies.set_event_loop_policy(before)
    assert [issubclass(kind, uvloop.Loop) for kind in seen] == [True]


def test_awaited_client_runs_on_uvloop(sandbox: Sandbox) -> None:
    uvloop: Any = pytest.importorskip("uvloop")

    async def main() -> list[str]:
        async with AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url) as client:
            result = await client.opportunity.retrieve_many(sandbox.opportunity_ids[:5])
            return [opportunity.id for opportunity in result.values]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(main()) == sandbox.opportunity_ids[:5]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no eager tasks")
def test_both_clients_work_where_tasks_are_eager(sandbox: Sandbox) -> None:
    eager: Any = asyncio

    async def main() -> list[str]:
        asyncio.get_running_loop().set_task_factory(eager.eager_task_factory)
        use(sandbox)
        async with AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None) as client:
            ids = sandbox.opportunity_ids
            assert {outcome.id async for outcome in client.opportunity.iter_many(ids)} == {*ids}
            calls = [asyncio.ensure_future(client.opportunity.retrieve(id)) for id in ids]
            calls[0].cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            return [each.id for each in (await client.opportunity.retrieve_many(ids)).values]

    assert asyncio.run(main()) == sandbox.opportunity_ids


def test_blocking_client_works_around_uvloop(sandbox: Sandbox) -> None:
    uvloop: Any = pytest.importorskip("uvloop")

    async def main() -> None:
        use(sandbox)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


async def test_an_open_client_is_awaited_in_a_task_only(sandbox: Sandbox) -> None:
    id, loop = sandbox.opportunity_ids[0], asyncio.get_running_loop()
    async with AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url) as client:
        await client.opportunity.retrieve(id)
        caught: asyncio.Future[BaseException] = loop.create_future()

        def step(call: Any) -> None:
            try:
                call.send(None)
            except LightfieldUsageError as error:
                caught.set_result(error)

        loop.call_soon(step, client.opportunity.retrieve(id))  # a callback, which no task runs
        assert "No task of asyncio is running here" in str(await caught)
        assert (await client.opportunity.retrieve(id)).id == id
