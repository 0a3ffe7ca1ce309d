"""This checkout, with pacing and retries off for a fair comparison."""

import resource
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec

import lightfield
from lightfield import AsyncLightfield, Lightfield
from lightfield.models import Page
from lightfield.types import OpportunityRetrieveResponse

from .listings import print_memory
from .tracing import traced
from .turns import API_KEY, CONCURRENCY, DOCUMENT, identifiers, perform, together, turns

WARM_UP = 12_000
"""Ids after which a client is warm: more than `iter_many` remembers."""
MANY = 100_000
BETWEEN_LOOKS = 500


async def asynchronous(url: str, concurrency: str = str(CONCURRENCY)) -> None:
    async with AsyncLightfield(api_key=API_KEY, base_url=url, rate_limits=None, max_retries=0) as client:
        for count in turns():
            await together(client.opportunity.retrieve, count, int(concurrency))


def blocking(url: str) -> None:
    with Lightfield(api_key=API_KEY, base_url=url, rate_limits=None, max_retries=0) as client:
        for count in turns():
            for name in identifiers(count):
                client.opportunity.retrieve(name)


def decoding(_: str) -> None:
    decoder = msgspec.json.Decoder(OpportunityRetrieveResponse)
    body = DOCUMENT.read_bytes()
    for count in turns():
        for _turn in range(count):
            decoder.decode(body)


def keeping(_: str) -> None:
    print_memory(msgspec.json.Decoder(Page[OpportunityRetrieveResponse]).decode)


def clients(url: str) -> None:
    for count in turns(warm_up=5):
        for name in identifiers(count):
            with Lightfield(api_key=API_KEY, base_url=url, rate_limits=None, max_retries=0) as client:
                client.opportunity.retrieve(name)


async def awaited_clients(url: str) -> None:
    for count in turns(warm_up=5):
        for name in identifiers(count):
            async with AsyncLightfield(api_key=API_KEY, base_url=url, rate_limits=None, max_retries=0) as client:
                await client.opportunity.retrieve(name)


async def bulk(url: str, count: str) -> None:
    """Retrieve many opportunities as a bulk; print the failures."""
    async with AsyncLightfield(api_key=API_KEY, base_url=url, rate_limits=None) as client:
        outcomes = client.opportunity.iter_many(identifiers(int(count)))
        print(sum([outcome.value is None async for outcome in outcomes]))


async def calling(url: str) -> None:
    async with AsyncLightfield(api_key=API_KEY, base_url=url, rate_limits=None, max_retries=0) as client:
        await client.opportunity.retrieve("opp_1")
        with traced(lightfield):
            await client.opportunity.retrieve("opp_2")


async def resident(url: str) -> None:
    """Print the maximum growth of a warm client's resident set over many ids, in bytes."""
    await _grow(url, lambda: None, _resident)


async def allocated(url: str) -> None:
    """Print the maximum number of bytes that a warm client has allocated while it processes many ids."""
    await _grow(url, tracemalloc.start, lambda: tracemalloc.get_traced_memory()[1])


async def _grow(url: str, begin: Callable[[], None], look: Callable[[], int]) -> None:
    async with AsyncLightfield(api_key=API_KEY, base_url=url, rate_limits=None, max_retries=0) as client:
        await _go_over(client, WARM_UP, lambda: 0)
        begin()
        before = look()
        print(await _go_over(client, MANY, look) - before)


async def _go_over(client: AsyncLightfield, count: int, look: Callable[[], int]) -> int:
    """Retrieve `count` opportunities and return the maximum of the samples taken by `look`."""
    most = number = 0
    async for outcome in client.opportunity.iter_many(identifiers(count)):
        number += outcome.value is not None
        if number % BETWEEN_LOOKS == 0:
            most = max(most, look())
    if number != count:
        sys.exit(f"{count - number} of {count} retrieves failed")
    return most


def _resident() -> int:
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    perform(asynchronous, blocking, decoding, keeping, clients, awaited_clients, bulk, calling, resident, allocated)
