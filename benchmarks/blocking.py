"""Cost of a retrieve in a script that makes sequential calls: on the event loop of asyncio, and on uvloop."""

from ._contest import Stage
from ._report import Answer, Table, compare

SPEED, CPU = "calls/s", "CPU us/call"
UVLOOP = "ours (uvloop)"


def answer(stage: Stage) -> Answer:
    fast = stage.ours("blocking", name=UVLOOP, uvloop=True)
    results = stage.compete(stage.official("blocking"), stage.ours("blocking"), fast)
    table: Table = {
        name: {SPEED: [1 / best.seconds for best in rounds], CPU: [best.cpu * 1e6 for best in rounds]}
        for name, rounds in results.items()
    }
    findings = [
        compare(table, SPEED, "official", at_least=5.5),
        compare(table, SPEED, "official", at_least=6, name=UVLOOP),
        compare(table, CPU, "official"),
    ]
    return Answer("blocking: one retrieve after the other", table, findings)
