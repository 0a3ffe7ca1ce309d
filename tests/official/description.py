"""The API as an OpenAPI document, built from what ``tests/contract`` keeps of it."""

from http import HTTPMethod
from typing import Any

import msgspec

from tests.contract.facts import OPERATIONS, SHAPES, Operation, Shape

VERSION = "2026-03-01"

QUERY: dict[str, Shape] = {
    "after": {"type": "string"},
    "limit": {"type": "integer"},
    "offset": {"type": "integer"},
    "status": {"enum": ["active", "trashed"]},
}
"""The shapes of query parameters, which have the same meaning in every operation."""


def description() -> bytes:
    """Build the document, as JSON."""
    paths: dict[str, dict[str, Any]] = {}
    for fact in OPERATIONS:
        paths.setdefault(fact.path, {})[fact.method.lower()] = _operation(fact)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Lightfield", "version": VERSION},
        "paths": paths,
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}, "schemas": SHAPES},
    }
    return msgspec.json.encode(document).replace(b"#/$defs/", b"#/components/schemas/")


def _operation(fact: Operation) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": fact.operation,
        "security": [{"key": []}],
        "parameters": _parameters(fact),
        "responses": {"200": {"description": "OK", "content": _content(fact.response)}},
    }
    if fact.body is not None:
        required = fact.method == HTTPMethod.POST and bool(SHAPES[fact.body].get("required"))
        operation["requestBody"] = {"required": required, "content": _content(fact.body)}
    return operation


def _parameters(fact: Operation) -> list[dict[str, Any]]:
    ids = [part.strip("{}") for part in fact.path.split("/") if part.startswith("{")]
    return [
        _parameter("header", "Lightfield-Version", {"const": VERSION}, required=True),
        *(
            [_parameter("header", "Idempotency-Key", {"type": "string", "maxLength": 255}, required=False)]
            * fact.idempotency
        ),
        *(_parameter("path", name, {"type": "string", "minLength": 1}, required=True) for name in ids),
        *(_parameter("query", name, QUERY[name], required=False) for name in fact.query),
    ]


def _parameter(place: str, name: str, shape: Shape, *, required: bool) -> dict[str, Any]:
    return {"in": place, "name": name, "required": required, "schema": shape}


def _content(shape: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/$defs/{shape}"}}}
