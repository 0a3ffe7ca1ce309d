"""Time to decode the bytes of one opportunity into a model."""

from ._contest import Stage
from ._report import Answer, Table, compare

SPEED, TIME = "models/s", "us/model"


def answer(stage: Stage) -> Answer:
    results = stage.compete(stage.official("decoding"), stage.ours("decoding"))
    table: Table = {
        name: {SPEED: [1 / best.seconds for best in rounds], TIME: [best.seconds * 1e6 for best in rounds]}
        for name, rounds in results.items()
    }
    return Answer("decode: 3 kB of JSON to a model", table, [compare(table, SPEED, "official", at_least=50)])
