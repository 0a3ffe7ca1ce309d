"""Cost of a retrieve in an asyncio service that keeps 16 requests in flight.

Speed relative to the official client on both of its transports; CPU relative to the floor: plain aiohttp and msgspec.
"""

from msgspec.structs import replace

from ._contest import Stage
from ._report import Answer, Table, compare

SPEED, CPU, MEMORY = "requests/s", "CPU us/request", "peak MB"
HTTPX, AIOHTTP = "official (httpx)", "official (aiohttp)"


def answer(stage: Stage) -> Answer:
    results = stage.compete(
        stage.official("on_httpx", HTTPX),
        stage.official("on_aiohttp", AIOHTTP),
        replace(stage.floor("asynchronous"), turn_factor=10),
        replace(stage.ours("asynchronous"), turn_factor=10),
    )
    table: Table = {
        name: {
            SPEED: [1 / best.seconds for best in rounds],
            CPU: [best.cpu * 1e6 for best in rounds],
            MEMORY: [best.peak for best in rounds],
        }
        for name, rounds in results.items()
    }
    findings = [
        compare(table, SPEED, HTTPX, at_least=12),
        compare(table, SPEED, AIOHTTP, at_least=9),
        compare(table, CPU, "floor", at_most=1.0),
        compare(table, MEMORY, HTTPX),
    ]
    return Answer("async: 16 concurrent retrieves", table, findings)
