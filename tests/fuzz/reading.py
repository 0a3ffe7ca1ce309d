"""Read an answer as a client does, then use what came of it in every way there is.

What is not ours - any exception but a ``LightfieldError`` - comes through.
"""

import inspect
import pickle
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import chain
from typing import Any

import msgspec

from lightfield import APIError, APIStatusError, LightfieldError
from lightfield._client.plan import Plan
from lightfield._protocol.decoding import read
from lightfield._protocol.request import Request
from lightfield._protocol.response import Response
from lightfield._retry.failures import classify
from lightfield.models import Document
from tests.contract.build import VARIANTS, documents
from tests.contract.calls import calls
from tests.contract.catalog import operations
from tests.contract.facts import OPERATIONS

_REFUSAL = {"type": "not_found", "message": "No such record.", "code": "draft_not_found", "param": "id"}
REFUSALS: list[Any] = [{"error": _REFUSAL}, _REFUSAL]
"""Valid bodies of a status that is no success."""

_GIVEN = {"key": ("$name", "missing", ""), "label": ("x", ""), "id": ("opp_1", None)}
"""What the readers of documents are asked for, by the name of their parameter; ``key`` also for every key there is."""


def requests() -> dict[str, Request[Any]]:
    """Describe one request of every operation."""
    described = operations(Plan())
    first = {fact.operation: next(calls(fact)) for fact in OPERATIONS}
    return {name: described[name](*call.args, **call.kwargs) for name, call in first.items()}


def answers() -> dict[str, tuple[Request[Any], list[Any]]]:
    """Give a request and valid answers to it, for every type that operations answer with."""
    described = requests()
    facts = {described[fact.operation].decoder.type: fact for fact in OPERATIONS}
    return {
        fact.returns: (
            described[fact.operation],
            [document for variant in VARIANTS for document in documents(fact.response, variant)],
        )
        for fact in facts.values()
    }


def use(request: Request[Any], response: Response) -> Any:
    """Read an answer and use the value or the error; give the value, if it is one."""
    try:
        value = read(request, response, 0)
    except APIError as error:
        _use_error(error)
        return None
    _use_value(value, request.decoder)
    return value


def _use_error(error: APIError) -> None:
    assert str(error).isprintable()
    assert len(str(error)) < 500
    assert classify(error)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), repr(copy)) == (str(error), repr(error))
    if isinstance(error, APIStatusError):
        assert all(isinstance(word, str | None) for word in (error.type, error.code, error.param))
        assert error.retry_after is None or error.retry_after >= 0
        assert error.response is not None
        assert isinstance(error.response.text, str)


def _use_value(value: Any, decoder: "msgspec.json.Decoder[Any]") -> None:
    assert isinstance(value, Document)
    assert repr(value)
    assert pickle.loads(pickle.dumps(value)) == value
    assert decoder.decode(value.to_json()) == value
    assert msgspec.convert(value.to_dict(), decoder.type) == value
    for part in _parts(value):
        for name in _members(type(part)):
            _ask(part, name)


def _parts(value: Any) -> Iterator[Document]:
    """Find every document in a value."""
    if isinstance(value, Document):
        yield value
        inner: Any = [getattr(value, name) for name in value.__struct_fields__]
    else:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    yield from chain.from_iterable(map(_parts, inner))


@cache
def _members(kind: type[Document]) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("_") and name not in {"to_dict", "to_json"}]


@cache
def _parameter(kind: type[Document], name: str) -> str:
    """Name the one parameter of a reader."""
    _, parameter = inspect.signature(getattr(kind, name)).parameters
    return parameter


def _ask(part: Document, name: str) -> None:
    found: Any = getattr(part, name)
    if not callable(found):
        assert found is not msgspec.UNSET
        return
    parameter = _parameter(type(part), name)
    keys = [*getattr(part, "fields", ()), *getattr(part, "relationships", ())] if parameter == "key" else []
    for given in [*_GIVEN[parameter], *keys]:
        with suppress(LightfieldError):
            repr(found(given))
