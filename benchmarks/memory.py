"""Memory of a list that is kept: 10,000 opportunities of 50 fields, decoded as the clients do."""

from ._contest import Stage
from ._report import Answer, Table, compare

MEMORY = "MB"


def answer(stage: Stage) -> Answer:
    contestants = stage.official("keeping"), stage.ours("keeping")
    table: Table = {
        contestant.name: {MEMORY: [int(contestant.run()) / 1e6 for _ in range(stage.rounds)]}
        for contestant in contestants
    }
    return Answer(
        "memory: 10,000 opportunities of 50 fields, kept", table, [compare(table, MEMORY, "official", at_most=0.235)]
    )
