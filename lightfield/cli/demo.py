"""Demo: bulk retrieval of every opportunity in a sandbox, within the API's rate limit."""

import argparse
import asyncio
import time
from contextlib import AbstractContextManager

from lightfield import AsyncLightfield
from lightfield.models import Opportunity
from lightfield.testing import Sandbox

from .screen import Screen, Table

MAX_ROWS = 10
COLUMNS = ("name", "stage", "amount", "close date", "account")


def run(options: argparse.Namespace) -> int:
    """Run the demo and return its exit code."""
    return asyncio.run(_fetch_all(options.opportunities, options.seed, options.latency))


async def _fetch_all(opportunities: int, seed: int, latency: float) -> int:
    async with (
        Sandbox(opportunities=opportunities, seed=seed, latency=latency) as sandbox,
        AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url) as client,
    ):
        with _screen() as screen:
            started = time.perf_counter()
            result = await client.opportunity.retrieve_many(sandbox.opportunity_ids, progress=screen.progress)
            seconds = time.perf_counter() - started
        screen.table(_table(result.values))
        rate = len(result.values) / seconds
        print(
            f"fetched {len(result.values)}, failed {len(result.errors)}, {seconds:.1f} s, "
            f"{rate:.1f} requests/s, throttled {client.rate_limits['Read'].throttled}",
        )
        return 1 if result.errors else 0


def _screen() -> AbstractContextManager[Screen]:
    try:
        from .rich_screen import rich_screen
    except ModuleNotFoundError:
        from .plain_screen import plain_screen

        return plain_screen()
    return rich_screen()


def _table(opportunities: list[Opportunity]) -> Table:
    rows = [_row(opportunity) for opportunity in opportunities[:MAX_ROWS]]
    remaining = len(opportunities) - len(rows)
    return Table(COLUMNS, rows, f"... and {remaining} more" if remaining else "")


def _row(opportunity: Opportunity) -> tuple[str, ...]:
    amount, close_date = opportunity.number("$amount"), opportunity.datetime("$closeDate")
    return (
        opportunity.text("$name") or "",
        opportunity.option("$stage") or "",
        "" if amount is None else f"{amount:,.2f}",
        "" if close_date is None else f"{close_date:%Y-%m-%d}",
        opportunity.related_one("$account") or "",
    )
