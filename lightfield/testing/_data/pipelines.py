"""Definitions of opportunities in several pipelines."""

import re
from collections.abc import Collection, Mapping, Sequence

from lightfield.testing._crm.definitions import Definitions, Option, describe, field
from lightfield.testing._crm.selects import options
from lightfield.testing._data.schema import OPPORTUNITY

_OTHER_CHARACTERS = re.compile(r"[^a-z0-9]+")


def opportunity(pipelines: Mapping[str, Sequence[str]]) -> Definitions:
    """Define opportunities whose stages, in order, belong to the pipelines; the first pipeline is the default."""
    if not pipelines:
        return OPPORTUNITY
    named: list[Option] = []
    all_stages: list[Option] = []
    for name, labels in pipelines.items():
        pipeline = _option("pd", name, named)
        named.append(pipeline)
        for label in labels:
            stage = _option("opt_stage", f"{name} {label}", all_stages)
            all_stages.append({**stage, "label": label, "parentId": pipeline["id"]})
    fields = OPPORTUNITY["fieldDefinitions"] | {
        "$stage": field("SINGLE_SELECT", {"options": all_stages, "parentFieldKey": "$pipeline"}),
        "$pipeline": field("SINGLE_SELECT", {"options": named}),
    }
    return describe("opportunity", fields, OPPORTUNITY["relationshipDefinitions"])


def stages(pipelines: Mapping[str, Sequence[str]]) -> list[Option]:
    """Return the stages of these pipelines, or of the only one there is."""
    return options(opportunity(pipelines)["fieldDefinitions"]["$stage"])


def _option(prefix: str, label: str, others: Collection[Option]) -> Option:
    taken = {other["id"] for other in others}
    stem = f"{prefix}_{_OTHER_CHARACTERS.sub('_', label.lower()).strip('_')}"
    identifier = next(
        each for number in range(len(taken) + 1) if (each := f"{stem}_{number}" if number else stem) not in taken
    )
    return {"id": identifier, "label": label, "description": None}
