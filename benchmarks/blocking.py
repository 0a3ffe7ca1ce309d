"""Cost of a retrieve in a script that makes sequential calls."""

from ._contest import Stage
from ._report import Answer, Table, compare

SPEED, CPU = "calls/s", "CPU us/call"


def answer(stage: Stage) -> Answer:
    results = stage.compete(stage.official("blocking"), stage.ours("blocking"))
    table: Table = {
        name: {SPEED: [1 / best.seconds for best in rounds], CPU: [best.cpu * 1e6 for best in rounds]}
        for name, rounds in results.items()
    }
    findings = [compare(table, SPEED, "official", at_least=4), compare(table, CPU, "official")]
    return Answer("blocking: one retrieve after the other", table, findings)
