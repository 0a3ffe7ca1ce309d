"""What a type checker sees of the sandbox and its fixtures. Checked by ``test_typing.py``, never run."""

from typing import assert_type

from lightfield import AsyncLightfield, Lightfield, RateLimits
from lightfield.testing import Sandbox


async def clients(sandbox: Sandbox) -> None:
    """Check the ready clients."""
    assert_type(sandbox.client(), Lightfield)
    assert_type(sandbox.client(api_key="sk_reader", timeout=5, rate_limits=None), Lightfield)
    assert_type(sandbox.async_client(), AsyncLightfield)
    assert_type(sandbox.async_client(rate_limits=RateLimits(read=5), max_retries=0), AsyncLightfield)
    assert_type(sandbox.client().opportunity.retrieve("opp_1").id, str)
    assert_type((await sandbox.async_client().opportunity.retrieve("opp_1")).id, str)


async def blocks() -> None:
    """Check both kinds of blocks, and that any function of a line is a log."""
    lines: list[str] = []
    with Sandbox(opportunities=3, seed=7, rate_limit=None, log=print) as sandbox:
        assert_type(sandbox, Sandbox)
        assert_type(sandbox.base_url, str)
    async with Sandbox(latency=(0.1, 0.2), store="crm.sqlite", log=lines.append) as sandbox:
        assert_type(sandbox, Sandbox)
        assert_type(sandbox.opportunity_ids, list[str])
