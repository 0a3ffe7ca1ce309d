"""Requests to any endpoint, as ``client.get``, ``post`` and ``delete`` describe them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Never, TypeAlias, TypedDict, TypeVar, cast

from msgspec import ValidationError
from msgspec.json import Decoder
from msgspec.structs import replace

from lightfield._operations.call_options import with_call_options
from lightfield._protocol.builders import describe
from lightfield._protocol.omit import without_omitted
from lightfield._protocol.request import Request
from lightfield._protocol.response import Response
from lightfield._protocol.timeout import PhaseLimits, Timeout
from lightfield.errors import LightfieldTypeError, LightfieldUsageError, LightfieldValueError

T = TypeVar("T")

Body: TypeAlias = object
"""What can be encoded as JSON; None for no body."""


class RequestOptions(TypedDict, total=False):
    """Options of ``client.get``, ``post`` and ``delete``."""

    headers: Mapping[str, str | None]
    params: Mapping[str, object]
    timeout: float | Timeout | PhaseLimits | None
    extra_json: Mapping[str, object]
    idempotency_key: str


RequestOptions.__module__ = "lightfield"

_QUERY = re.compile(r"[\x21\x22\x24-\x7e]*")

_CALL_OPTIONS = {
    "headers": "extra_headers",
    "params": "extra_query",
    "timeout": "timeout",
    "extra_json": "extra_body",
    "idempotency_key": "idempotency_key",
}


class Conversion:
    """A decoder that converts a body with a function."""

    def __init__(self, convert: Callable[[bytes], object]) -> None:
        self._convert = convert

    def decode(self, content: bytes) -> object:
        """Return the body, converted.

        Raises:
            ValidationError: It cannot be converted.
        """
        try:
            return self._convert(content)
        except ValueError as error:
            reason = type(error).__name__  # its text may quote the body
        raise ValidationError(reason)

    @property
    def type(self) -> Never:
        """The type, by which a request pickles."""
        raise LightfieldUsageError("A request for text, bytes or a Pydantic model cannot be pickled.")


class WholeResponse(Conversion):
    """Stands for a decoder where the response is the result."""

    is_whole_response = True

    def __init__(self) -> None:
        super().__init__(bytes)


def endpoint_request(
    method: Literal["GET", "POST", "DELETE"],
    path: str,
    cast_to: type[T],
    options: RequestOptions | None,
    body: object = None,
) -> Request[T]:
    """Return a request to any endpoint; the path may have a query.

    Raises:
        LightfieldTypeError: The type cannot be decoded, or an option does not exist.
        LightfieldValueError: The method, path or an option cannot be sent.
    """
    place, _, query = path.partition("?") if isinstance(path, str) else (path, "", "")  # pyright: ignore[reportUnnecessaryIsInstance]
    if not _QUERY.fullmatch(query):
        raise LightfieldValueError("The query of the path must be percent-encoded.")
    decoder = _decoder(cast_to)
    request: Request[T] = replace(describe(method, place, decoder=decoder, body=body), query=query)
    if isinstance(decoder, WholeResponse):
        request = replace(request, form="response")
    return with_call_options(request, _call_options(options))


def _call_options(options: object) -> dict[str, Any]:
    if options is not None and not isinstance(options, Mapping):
        raise LightfieldTypeError(f"options must be a mapping, not {type(options).__name__}.")
    given = without_omitted(cast("Mapping[str, Any]", options or {}))
    if unknown := [name for name in given if name not in _CALL_OPTIONS]:
        raise LightfieldTypeError(f"options has no {unknown[0]!a:.60}; it takes {', '.join(_CALL_OPTIONS)}.")
    return {_CALL_OPTIONS[name]: value for name, value in given.items()}


def _decoder(kind: Any) -> Any:
    named = getattr(kind, "__module__", ""), getattr(kind, "__name__", "")
    if kind is Response or named == ("httpx", "Response"):
        return WholeResponse()
    for plain, convert in _CONVERSIONS:
        if kind is plain:
            return Conversion(convert)
    if isinstance(kind, type) and (validate := getattr(kind, "model_validate_json", None)) is not None:
        return Conversion(validate)
    try:
        return Decoder(kind)
    except TypeError as error:
        raise LightfieldTypeError(f"cast_to cannot be {kind!r:.60}: {error}") from error


_CONVERSIONS: Sequence[tuple[object, Callable[[bytes], object]]] = (
    (str, lambda content: content.decode(errors="replace")),
    (bytes, bytes),
    (type(None), lambda _: None),
)
