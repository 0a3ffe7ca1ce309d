"""Cost of a retrieve by the number of retrieves at once. Beyond 64, calls wait until others have ended.

With one at a time, the process goes to sleep for every response. What that costs is seen in a plain session of aiohttp.
"""

from msgspec.structs import replace

from ._contest import Stage
from ._report import Answer, Finding, Table

CPU, TIME = "CPU us/request", "us/request"
AT_ONCE = (1, 16, 256, 4_096)


def answer(stage: Stage) -> Answer:
    busy = replace(stage, requests=2 * max(AT_ONCE))
    ours = {f"{number:,} at once": str(number) for number in AT_ONCE}
    floor = {f"floor, {name}": number for name, number in ours.items()}
    results = busy.compete(
        *(stage.ours("asynchronous", number, name=name) for name, number in ours.items()),
        *(stage.floor("asynchronous", number, name=name) for name, number in floor.items()),
    )
    table: Table = {
        name: {CPU: [best.cpu * 1e6 for best in rounds], TIME: [best.seconds * 1e6 for best in rounds]}
        for name, rounds in results.items()
    }
    findings = [
        Finding(f"highest / lowest, {CPU}", _spread(table, [*ours]), at_most=1.25),
        Finding(f"highest / lowest from 16 on, {CPU}", _spread(table, [*ours][1:]), at_most=1.25),
        Finding(f"highest / lowest of the floor, {CPU}", _spread(table, [*floor])),
    ]
    return Answer("concurrency: 1 to 4,096 retrieves at once", table, findings)


def _spread(table: Table, names: list[str]) -> list[float]:
    """Return by how much the costs of some rows differ, in each round."""
    costs = zip(*(table[name][CPU] for name in names), strict=True)
    return [max(cost) / min(cost) for cost in costs]
