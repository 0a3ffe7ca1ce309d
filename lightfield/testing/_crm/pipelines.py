"""Pipelines of opportunities: which stage a label means.

The stage decides on the pipeline. ``$pipeline`` is a filter, and in writes a hint that tells stages with the same label
apart; it exists only where the definitions have it.
"""

from collections.abc import Iterable, Mapping, Sequence

from lightfield.testing._http.errors import bad_request, invalid_param, missing_param, unprocessable

from .collections import Collection
from .definitions import FieldDefinition, Option
from .documents import Value
from .selects import fold, matching, options

PIPELINE, _STAGE = "$pipeline", "$stage"
_CLOSED = {"won": "opt_status_won", "lost": "opt_status_lost"}
_MAX_CANDIDATES = 20


def stage_values(stage: Option | None) -> dict[str, Value]:
    """Return the fields of an opportunity that derive from its stage; a label that ends in won or lost closes it."""
    word = fold(stage["label"]).rpartition(" ")[2] if stage else ""
    status: dict[str, Value] = {"$opportunityStatus": _CLOSED.get(word, "opt_status_open")}
    return {**status, PIPELINE: stage["parentId"]} if stage and "parentId" in stage else status


def resolve_written(collection: Collection, sent: Mapping[str, object]) -> Mapping[str, object]:
    """Return the fields of a write with the stage by its id, and without the pipeline.

    Raises:
        WireError: 422 if the pipeline is unknown, or the stage is not in it or ambiguous; 400 if there is no stage.
    """
    fields = collection.definitions["fieldDefinitions"]
    if PIPELINE not in fields or not {PIPELINE, _STAGE} & sent.keys():
        return sent
    stage, hint = sent.get(_STAGE), sent.get(PIPELINE)
    resolved = {key: value for key, value in sent.items() if key != PIPELINE}
    if hint is not None and stage is None:
        raise missing_param(f"fields.{_STAGE}")
    if isinstance(stage, str):
        resolved[_STAGE] = _written_stage(fields, stage, hint)
    return resolved


def resolve_filters(collection: Collection, query: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the filters of a list with the stage by its id.

    Raises:
        WireError: 400 if a pipeline is unknown, there are two to be in, or the label of the stage is ambiguous.
    """
    fields, filters = collection.definitions["fieldDefinitions"], list(query)
    if PIPELINE not in fields:
        return filters
    wanted: list[str] = []
    for name, value in filters:
        key, operator = _key(name), name[len(_key(name)) + 1 :]
        if key != PIPELINE:
            continue
        if value not in _ids(fields):
            message = f"There is no pipeline with the id {value!r}."
            raise bad_request(message, code="unknown_pipeline", param=key, members={"activePipelineIds": _ids(fields)})
        if not operator.startswith("-"):
            wanted.append(value)
    if len(wanted) > 1:
        raise bad_request("A list takes at most one positive pipeline filter.", param=PIPELINE)
    return [
        (name, _filtered_stage(fields, value, wanted) if _key(name) == _STAGE else value) for name, value in filters
    ]


def _written_stage(fields: Mapping[str, FieldDefinition], text: str, hint: object) -> str:
    found = matching(fields[_STAGE], text)
    if hint is not None:
        pipeline = _hinted(fields, hint)
        inside = _within(pipeline, found)
        if not inside:
            members = {"pipelineId": pipeline, **_candidates(fields, _within(pipeline, options(fields[_STAGE])))}
            message = f"The pipeline {hint!r} has no stage {text!r}."
            raise unprocessable(message, code="stage_unresolved_in_pipeline", param=f"fields.{_STAGE}", members=members)
        return inside[0]["id"]
    if len(found) > 1:
        in_default = _within(_ids(fields)[0], found)
        if not in_default:
            message = f"Several pipelines have a stage {text!r}; send its id, or '$pipeline' along with it."
            members = _candidates(fields, found)
            raise unprocessable(message, code="ambiguous_stage_label", param=f"fields.{_STAGE}", members=members)
        found = in_default
    return found[0]["id"] if found else text


def _filtered_stage(fields: Mapping[str, FieldDefinition], text: str, pipelines: Sequence[str]) -> str:
    found = matching(fields[_STAGE], text)
    if len(found) > 1 and not pipelines:
        message = f"Several pipelines have a stage {text!r}; filter by its id, or by '$pipeline' as well."
        members = _candidates(fields, found)
        raise bad_request(message, code="ambiguous_stage_label", param=_STAGE, members=members)
    inside = [option for pipeline in pipelines for option in _within(pipeline, found)]
    return next((option["id"] for option in inside or found), text)


def _hinted(fields: Mapping[str, FieldDefinition], hint: object) -> str:
    if not isinstance(hint, str):
        raise invalid_param(f"fields.{PIPELINE}", "expected the id or the name of a pipeline")
    found = matching(fields[PIPELINE], hint)
    if not found:
        message = f"There is no pipeline {hint!r}."
        members = {"activePipelineIds": _ids(fields)}
        raise unprocessable(message, code="unknown_pipeline", param=f"fields.{PIPELINE}", members=members)
    return found[0]["id"]


def _ids(fields: Mapping[str, FieldDefinition]) -> list[str]:
    return [option["id"] for option in options(fields[PIPELINE])]


def _within(pipeline: str, stages: Iterable[Option]) -> list[Option]:
    return [stage for stage in stages if stage.get("parentId") == pipeline]


def _candidates(fields: Mapping[str, FieldDefinition], stages: Sequence[Option]) -> dict[str, object]:
    names = {option["id"]: option["label"] for option in options(fields[PIPELINE])}
    candidates = [
        {
            "stageOptionId": stage["id"],
            "stageLabel": stage["label"],
            "pipelineId": stage.get("parentId"),
            "pipelineName": names.get(stage.get("parentId", "")),
        }
        for stage in stages[:_MAX_CANDIDATES]
    ]
    return {"candidates": candidates, "truncated": len(stages) > _MAX_CANDIDATES}


def _key(name: str) -> str:
    return name.partition("[")[0]
