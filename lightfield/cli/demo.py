"""The main job on a sandbox: fetch every opportunity in bulk, at the pace the API allows."""

import argparse
import asyncio
import time
from contextlib import AbstractContextManager

from lightfield import AsyncLightfield
from lightfield.models import Opportunity
from lightfield.testing import Sandbox

from .screen import Screen, Table

SHOWN = 10
COLUMNS = ("name", "stage", "amount", "close date", "account")


def run(options: argparse.Namespace) -> int:
    """Run the demo and give its exit code."""
    return asyncio.run(_fetch_all(options.opportunities, options.seed, options.latency))


async def _fetch_all(opportunities: int, seed: int, latency: float) -> int:
    async with (
        Sandbox(opportunities=opportunities, seed=seed, latency=latency) as sandbox,
        AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url) as client,
    ):
        with _screen() as shown:
            started = time.perf_counter()
            result = await client.opportunity.retrieve_many(sandbox.opportunity_ids, progress=shown.progress)
            seconds = time.perf_counter() - started
        shown.table(_table(result.values))
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
    rows = [_row(opportunity) for opportunity in opportunities[:SHOWN]]
    left = len(opportunities) - len(rows)
    return Table(COLUMNS, rows, f"... and {left} more" if left else "")


def _row(opportunity: Opportunity) -> tuple[str, ...]:
    amount, closes = opportunity.number("$amount"), opportunity.datetime("$closeDate")
    return (
        opportunity.text("$name") or "",
        opportunity.option("$stage") or "",
        "" if amount is None else f"{amount:,.2f}",
        "" if closes is None else f"{closes:%Y-%m-%d}",
        opportunity.related_one("$account") or "",
    )
