"""Is an answer as documented?

Successes are validated against our own excerpt, in which no object may have a member that is documented nowhere, and
against the full OpenAPI document where ``LIGHTFIELD_OPENAPI`` names one. Errors have the documented envelope, types and
codes.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from tests.contract.facts import SHAPES, Operation, Shape

FULL_DOCUMENT = os.environ.get("LIGHTFIELD_OPENAPI")
"""The path of an OpenAPI document of the API, whose operations are named as ours are."""

MORE = {
    "FieldDefinition": ("slug", "system"),
    "RelationshipDefinition": ("slug", "system", "readOnly"),
}
"""Members that only examples in the documentation have."""

TYPES = {
    400: {"bad_request"},
    401: {"unauthorized"},
    403: {"forbidden"},
    404: {"not_found"},
    409: {"conflict", "idempotency_conflict"},
    415: {"unsupported_media_type"},
    422: {"unprocessable_content"},
    429: {"too_many_requests"},
}
"""The types of errors by status. The sandbox never fails by itself, so that there is no 500."""

CODES = {
    "unknown_field": {400},
    "unknown_relationship": {400},
    "referenced_resource_missing": {400, 422},
    "relationship_entity_missing": {400, 422},
    "relationship_entity_inactive": {400, 422},
    "relationship_write_limit_exceeded": {422},
    "invalid_type": {400},
    "parameter_missing": {400},
    "invalid_configuration": {400},
    "idempotency_key_too_long": {400},
    "version_header": {400},
    "ambiguous_stage_label": {400, 422},
    "stage_unresolved_in_pipeline": {422},
    "unknown_pipeline": {400, 422},
    "enrichment_fields_not_enrichable": {400},
    "sequence_not_published": {400},
    "no_selectable_sender": {400},
    "permissions_not_granted": {400},
    "draft_not_found": {404},
}
"""The codes of errors, and the statuses each comes with."""

MEMBERS = {
    "ambiguous_stage_label": {"candidates", "truncated"},
    "stage_unresolved_in_pipeline": {"pipelineId", "candidates", "truncated"},
    "unknown_pipeline": {"activePipelineIds", "truncated"},
    "invalid_configuration": {"issues", "invalidContacts"},
}
"""What an error with a code may hold besides its type, message, code and param."""


def answer_misfits(fact: Operation, document: Any) -> list[str]:
    """Say in what a success is not as documented."""
    found = _told("excerpt", _excerpt(fact.response), document)
    return found + (_told("full document", _full(fact.operation), document) if FULL_DOCUMENT else [])


def error_misfits(status: int, document: Any) -> list[str]:
    """Say in what an error is not as documented; it may be in an envelope or flat."""
    if status not in TYPES:
        return [f"status {status} is not documented"]
    try:
        outer = msgspec.convert(document, dict[str, Any])
        error = msgspec.convert(outer.get("error", outer), dict[str, Any])
    except msgspec.ValidationError:
        return ["there is no error object"]
    code: Any = error.get("code")
    checks = {
        "type": error.get("type") in TYPES[status],
        "message": isinstance(error.get("message"), str) and error["message"] != "",
        "code": "code" not in error or status in CODES.get(code, ()),
        "param": isinstance(error.get("param", ""), str),
        "members": error.keys() <= {"type", "message", "code", "param", *MEMBERS.get(code, ())},
    }
    return [f"{name} is not documented: {error}" for name, is_good in checks.items() if not is_good]


def _told(whose: str, validator: Any, document: Any) -> list[str]:
    return [f"{whose}: {error.json_path}: {error.message[:300]}" for error in validator.iter_errors(document)]


@cache
def _excerpt(shape: str) -> Any:
    return Draft202012Validator(_whole(shape))


@cache
def _whole(name: str) -> Shape:
    """Give a shape with those that it refers to; in none of them may an object have more than its own properties."""
    shape: Shape = _closed(SHAPES[name])
    more: Shape = dict.fromkeys(MORE.get(name, ()), True)
    return {**shape, "properties": {**shape["properties"], **more}} if more else shape


def _closed(shape: Any) -> Any:
    parts: Any = shape
    if isinstance(shape, list):
        return [_closed(part) for part in parts]
    if not isinstance(shape, dict):
        return parts
    if "$ref" in parts:
        return _whole(parts["$ref"].rpartition("/")[2])
    closed: Shape = {key: _closed(parts[key]) for key in parts}
    is_object = parts.get("type") == "object" and "properties" in parts
    return {"additionalProperties": False, **closed} if is_object else closed


@cache
def _full(operation: str) -> Any:
    document = msgspec.json.decode(Path(FULL_DOCUMENT or "").read_bytes())
    described = [each for path in document["paths"].values() for each in path.values()]
    [found] = [each for each in described if each["operationId"] == operation]
    schema = found["responses"]["200"]["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]})
