"""Cost of a retrieve by the number of retrieves at once. Beyond 64, calls wait until others have ended."""

from msgspec.structs import replace

from ._contest import Stage
from ._report import Answer, Finding, Table

CPU, TIME = "CPU us/request", "us/request"
AT_ONCE = (1, 16, 256, 4_096)


def answer(stage: Stage) -> Answer:
    names = {f"{number:,} at once": str(number) for number in AT_ONCE}
    busy = replace(stage, requests=2 * max(AT_ONCE))
    results = busy.compete(*(stage.ours("asynchronous", number, name=name) for name, number in names.items()))
    table: Table = {
        name: {CPU: [best.cpu * 1e6 for best in rounds], TIME: [best.seconds * 1e6 for best in rounds]}
        for name, rounds in results.items()
    }
    costs = list(zip(*(table[name][CPU] for name in names), strict=True))
    spread = Finding(f"highest / lowest, {CPU}", [max(cost) / min(cost) for cost in costs], at_most=1.25)
    return Answer("concurrency: 1 to 4,096 retrieves at once", table, [spread])
