"""Calls within the package, and its subpackages involved, for one warm `await client.opportunity.retrieve(...)`.

Calls of other libraries are not counted; those that build the model of the 3 kB document are.
"""

import msgspec

from ._contest import Stage
from ._report import Answer, Finding, Table, compare

CALLS, PACKAGES = "calls", "packages"


def answer(stage: Stage) -> Answer:
    table: Table = {}
    for contestant in (stage.official("calling"), stage.ours("calling")):
        counts = msgspec.json.decode(contestant.run(), type=dict[str, float])
        table[contestant.name] = {figure: [counts[figure]] for figure in (CALLS, PACKAGES)}
    findings = [
        compare(table, CALLS, "official"),
        Finding("ours, calls", table["ours"][CALLS], at_most=20),
        Finding("ours, packages", table["ours"][PACKAGES], at_most=7),
    ]
    return Answer("calls: within the package, for one warm retrieve", table, findings)
