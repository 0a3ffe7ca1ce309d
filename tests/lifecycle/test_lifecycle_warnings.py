"""What a program says at its end: nothing where it closes its clients, one warning for each that it has forgotten."""

import asyncio
import gc
import subprocess
import sys
import warnings

import pytest

from lightfield import AsyncLightfield, Lightfield
from lightfield.testing import Sandbox
from tests.lifecycle.script import PATIENCE, command, run

EVERYTHING = """
import asyncio, logging, sys
from lightfield import AsyncLightfield, Lightfield, NotFoundError

url, path, *ids = sys.argv[1:]
options = {"api_key": "sk_lf_sandbox", "base_url": url}

async def awaited():
    async with AsyncLightfield(**options) as client:
        await client.opportunity.retrieve(ids[0])
        await client.opportunity.retrieve_many(ids)
        async for outcome in client.opportunity.iter_many(ids):
            break
        async for record in client.opportunity.list_all():
            break
        try:
            await client.opportunity.retrieve("opp_unknown")
        except NotFoundError:
            pass
        call = asyncio.ensure_future(client.opportunity.retrieve(ids[0]))
        await asyncio.sleep(0)
        call.cancel()
        await client.file.upload(path)

def blocking():
    with Lightfield(**options) as client:
        client.opportunity.retrieve(ids[0])
        client.opportunity.retrieve_many(ids)
        for outcome in client.opportunity.iter_many(ids):
            break
        for record in client.opportunity.list_all():
            break
        try:
            client.opportunity.retrieve("opp_unknown")
        except NotFoundError:
            pass
        client.file.upload(path)

asyncio.run(awaited())
blocking()
print("done")
"""

FORGOTTEN = """
import asyncio, sys
from lightfield import AsyncLightfield, Lightfield

url, id, kind = sys.argv[1:]
client = (AsyncLightfield if kind == "awaited" else Lightfield)(api_key="sk_lf_sandbox", base_url=url)

async def main():
    await client.opportunity.retrieve(id)
    await client.opportunity.retrieve_many([id])

if kind == "awaited":
    asyncio.run(main())
else:
    client.opportunity.retrieve(id)
"""


@pytest.mark.parametrize("debug", ["", "1"])
def test_program_that_uses_both_clients_says_nothing(
    sandbox: Sandbox, debug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", debug)
    assert run(EVERYTHING, sandbox.base_url, __file__, *sandbox.opportunity_ids[:3]) == "done\n"


def remarks(kind: str, sandbox: Sandbox) -> list[str]:
    """Run a program that forgets its client, with every warning shown, and give them."""
    program = command(FORGOTTEN, sandbox.base_url, sandbox.opportunity_ids[0], kind)
    child = subprocess.run(
        [sys.executable, "-X", "dev", *program[program.index("-c") :]],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return [line for line in child.stderr.splitlines() if not line.startswith(" ")]


def test_forgotten_awaited_client_is_one_warning_at_the_end_of_its_loop(sandbox: Sandbox) -> None:
    (remark,) = remarks("awaited", sandbox)
    assert remark.endswith(" An AsyncLightfield was not closed: use `async with`, or await aclose().")


def test_forgotten_blocking_client_is_none(sandbox: Sandbox) -> None:
    assert remarks("blocking", sandbox) == []


async def test_forgotten_awaited_client_is_one_warning_when_it_is_collected(sandbox: Sandbox) -> None:
    client = AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url)
    sibling = client.with_options(timeout=5)
    await sibling.opportunity.retrieve_many(sandbox.opportunity_ids[:3])
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        del client, sibling
        gc.collect()
        for _ in range(10):  # the loop closes the session
            await asyncio.sleep(0.001)
    (warning,) = seen
    assert warning.category is ResourceWarning
    assert str(warning.message) == "An AsyncLightfield was not closed: use `async with`, or await aclose()."


@pytest.mark.parametrize("kind", [AsyncLightfield, Lightfield])
def test_client_that_was_never_used_needs_no_closing(kind: type[AsyncLightfield | Lightfield]) -> None:
    kind(api_key="sk_lf_1")
    gc.collect()
