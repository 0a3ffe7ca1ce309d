"""Time of a client that is made, makes one call and is closed."""

from msgspec.structs import replace

from ._contest import Stage
from ._report import Answer, Table, compare

BLOCKING, AWAITED = "blocking, ms/client", "awaited, ms/client"
CLIENTS = 100


def answer(stage: Stage) -> Answer:
    many = replace(stage, requests=CLIENTS)
    table: Table = {"official": {}, "ours": {}}
    for figure, mode in ((BLOCKING, "clients"), (AWAITED, "awaited_clients")):
        for name, rounds in many.compete(stage.official(mode), stage.ours(mode)).items():
            table[name][figure] = [best.seconds * 1e3 for best in rounds]
    findings = [compare(table, figure, "official", at_most=0.5) for figure in (BLOCKING, AWAITED)]
    return Answer(f"clients: {CLIENTS} opened and closed, one call each", table, findings)
