"""The official SDK, from the package index, under its own interpreter.

Type checkers would resolve `import lightfield` to this checkout, so it is imported by name and typed `Any`.
"""

import asyncio
import importlib
import json
import time
from typing import Any

from .listings import print_memory
from .tracing import traced
from .turns import API_KEY, DOCUMENT, identifiers, perform, together, turns

lightfield: Any = importlib.import_module("lightfield")


def options(url: str) -> dict[str, Any]:
    return {"api_key": API_KEY, "base_url": url, "max_retries": 0}


async def on_httpx(url: str, transport: object = None) -> None:
    async with lightfield.AsyncLightfield(**options(url), http_client=transport) as client:
        for count in turns():
            await together(client.opportunity.retrieve, count)


async def on_aiohttp(url: str) -> None:
    await on_httpx(url, lightfield.DefaultAioHttpClient())


def blocking(url: str) -> None:
    with lightfield.Lightfield(**options(url)) as client:
        for count in turns():
            for name in identifiers(count):
                client.opportunity.retrieve(name)


def decoding(_: str) -> None:
    """Decode as the official client does: `json.loads`, then build the model."""
    build = importlib.import_module("lightfield._models").construct_type
    model = importlib.import_module("lightfield.types").OpportunityRetrieveResponse
    body = DOCUMENT.read_bytes()
    for count in turns():
        for _turn in range(count):
            build(value=json.loads(body), type_=model)


def keeping(_: str) -> None:
    build = importlib.import_module("lightfield._models").construct_type
    model = importlib.import_module("lightfield.types").OpportunityListResponse
    print_memory(lambda body: build(value=json.loads(body), type_=model))


def clients(url: str) -> None:
    for count in turns(warm_up=5):
        for name in identifiers(count):
            with lightfield.Lightfield(**options(url)) as client:
                client.opportunity.retrieve(name)


async def awaited_clients(url: str) -> None:
    for count in turns(warm_up=5):
        for name in identifiers(count):
            async with lightfield.AsyncLightfield(**options(url)) as client:
                await client.opportunity.retrieve(name)


async def calling(url: str) -> None:
    async with lightfield.AsyncLightfield(**options(url)) as client:
        await client.opportunity.retrieve("opp_1")
        with traced(lightfield):
            await client.opportunity.retrieve("opp_2")


async def gathered(url: str) -> None:
    """Retrieve 100 opportunities at once, with default settings; print seconds and failures."""
    async with lightfield.AsyncLightfield(api_key=API_KEY, base_url=url) as client:
        started = time.perf_counter()
        calls = map(client.opportunity.retrieve, identifiers(100))
        results = await asyncio.gather(*calls, return_exceptions=True)
        failures = sum(isinstance(result, lightfield.LightfieldError) for result in results)
        print(json.dumps({"seconds": time.perf_counter() - started, "failures": failures}))


async def limited(url: str) -> None:
    """Retrieve 500 opportunities, 50 at once, with default settings; print seconds and failures."""
    room, failures = asyncio.Semaphore(50), 0

    async def retrieve(name: str) -> None:
        nonlocal failures
        async with room:
            try:
                await client.opportunity.retrieve(name)
            except lightfield.LightfieldError:
                failures += 1

    async with lightfield.AsyncLightfield(api_key=API_KEY, base_url=url) as client:
        started = time.perf_counter()
        await asyncio.gather(*map(retrieve, identifiers(500)))
        print(json.dumps({"seconds": time.perf_counter() - started, "failures": failures}))


if __name__ == "__main__":
    perform(on_httpx, on_aiohttp, blocking, decoding, keeping, clients, awaited_clients, calling, gathered, limited)
