"""Builders of requests: they check and encode paths, ids, queries and bodies before anything is sent."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar, cast, get_args
from urllib.parse import quote, unquote, urlencode

from msgspec.json import Decoder

from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .codec import encode
from .omit import without_omitted
from .request import Category, Request, RetrySafety
from .shown import shown
from .unicode import check_unicode
from .values import query_text

T = TypeVar("T")

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,128}")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029/\\?#%]|^\.{1,2}$|^\s|\s$")
_MAX_ID_LENGTH = 512
_PATH = re.compile(r"(/([A-Za-z0-9_~$.-]|%[0-9A-Fa-f]{2})+)+")


def path_segment(value: str, name: str = "id") -> str:
    """Check an id and percent-encode it as one path segment.

    Characters beyond ASCII are encoded as UTF-8, except control characters (category Cc), surrogates (Cs) and the
    separators of lines and paragraphs (Zl, Zp), which are refused anywhere, and whitespace at an end.

    Raises:
        LightfieldTypeError: The id is not a string.
        LightfieldValueError: The id is empty, too long, or could be parsed as anything but one segment.
    """
    if type(value) is str and _PLAIN.fullmatch(value):
        return value
    return _quote(value, name)


def _quote(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise LightfieldTypeError(f"{name} must be a string, not {type(value).__name__}.")
    if not value.strip():
        raise LightfieldValueError(f"{name} is empty.")
    if len(value) > _MAX_ID_LENGTH or _FORBIDDEN.search(value):
        raise LightfieldValueError(
            f"{name} is not a valid id: {value[:40]!a} is too long, is a dot segment, or contains one of / \\ ? # %, "
            "a control character, a line or paragraph separator, or leading or trailing whitespace.",
        )
    try:
        return quote(value, safe="")
    except UnicodeEncodeError as error:
        raise LightfieldValueError(f"{name} is not a valid id: it contains a lone surrogate.") from error


def get(path: str, decoder: Decoder[T], category: Category = "Read", query: str = "") -> Request[T]:
    """Return a ``GET`` request."""
    return Request("GET", path, decoder, category, query)


def write(
    path: str,
    decoder: Decoder[T],
    body: Mapping[str, object] | None,
    *required: str,
    retry_safety: RetrySafety = "never",
    method: Literal["POST", "DELETE"] = "POST",
    own_rate_limit: bool = False,
) -> Request[T]:
    """Return a write request, without the members of the body that are None; ``required`` ones must be set.

    Raises:
        LightfieldTypeError: The body is not a mapping, lacks a required member, or cannot be encoded as JSON.
        LightfieldValueError: The body contains a value that cannot be sent.
    """
    if body is None:
        return Request(method, path, decoder, "Write", retry_safety=retry_safety, own_rate_limit=own_rate_limit)
    if not isinstance(body, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError(f"body must be a mapping, not {type(body).__name__}.")
    missing = [name for name in required if (value := body.get(name)) is None or (isinstance(value, str) and not value)]
    if missing:
        raise LightfieldTypeError(f"{' and '.join(missing)} must be given.")
    for name in required:
        check_unicode(name, body[name])
    content = encode({name: value for name, value in body.items() if value is not None})
    return Request(
        method, path, decoder, "Write", body=content, retry_safety=retry_safety, own_rate_limit=own_rate_limit
    )


def check_strings(name: str, values: Sequence[str] | None) -> Sequence[str] | None:
    """Check that a parameter is a sequence of strings, and not a single string.

    Raises:
        LightfieldTypeError: It is anything else.
    """
    if values is None:
        return None
    is_sequence = isinstance(values, Sequence) and not isinstance(values, str | bytes)  # pyright: ignore[reportUnnecessaryIsInstance]
    if is_sequence and all(isinstance(value, str) for value in values):  # pyright: ignore[reportUnnecessaryIsInstance]
        return values
    raise LightfieldTypeError(f"{name} must be a list of strings, not {type(values).__name__}.")


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Form-encode the parameters of a query.

    Raises:
        LightfieldValueError: A parameter is not valid Unicode.
    """
    try:
        return urlencode([(str.__str__(name), str.__str__(value)) for name, value in pairs])
    except UnicodeEncodeError:
        raise LightfieldValueError("query is not valid Unicode: it contains a lone surrogate.") from None


def _query(query: Mapping[str, str] | None) -> str:
    if query is None:
        return ""
    if not isinstance(query, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError(f"query must be a mapping, not {type(query).__name__}.")
    return encode_query((name, query_text(f"query[{shown(name):.60}]", value)) for name, value in query.items())


def _check_path(path: object) -> None:
    if not isinstance(path, str):
        raise LightfieldTypeError(f"path must be a string, not {type(path).__name__}.")
    if not _PATH.fullmatch(path) or any(unquote(part) in {".", ".."} for part in path.split("/")):
        raise LightfieldValueError(f"path must look like /v1/things, percent-encoded, not {path[:80]!a}.")


def describe(
    method: Literal["GET", "POST", "DELETE"],
    path: str,
    *,
    decoder: Decoder[Any],
    category: Category | None = None,
    query: Mapping[str, str] | None = None,
    body: object = None,
) -> Request[Any]:
    """Return a request to an endpoint that has no operation here.

    Raises:
        LightfieldValueError: The method, path, query or body cannot be sent.
    """
    if method not in ("GET", "POST", "DELETE"):
        raise LightfieldValueError(f"method must be GET, POST or DELETE, not {shown(method):.40}.")
    if category is not None and category not in get_args(Category):
        raise LightfieldValueError(f"category must be Read, Write or Search, not {shown(category):.40}.")
    _check_path(path)
    return Request(
        method,
        path,
        decoder,
        category or ("Read" if method == "GET" else "Write"),
        _query(query),
        None if body is None else encode(body),
        "with_callers_key" if method == "POST" else "idempotent",  # whether the endpoint honours a key is not known
    )


def _given(members: object) -> Mapping[str, object] | None:
    """Return members without those that are omitted."""
    return None if members is None else without_omitted(cast("Mapping[str, object]", members))


def changes(fields: object, relationships: object, *, updates: bool = False) -> dict[str, object]:
    """Return the body of a write of fields and relationships.

    Raises:
        LightfieldTypeError: Fields or relationships are not a mapping.
        LightfieldValueError: A relationship is updated, and its change is not a mapping, or an empty one.
    """
    for name, members in (("fields", fields), ("relationships", relationships)):
        if members is not None and not isinstance(members, Mapping):
            raise LightfieldTypeError(f"{name} must be a mapping, not {type(members).__name__}.")
    fields, relationships = _given(fields), _given(relationships)
    if updates and relationships is not None:
        for key, change in relationships.items():
            if not (isinstance(change, Mapping) and change):
                raise LightfieldValueError(
                    f"The change of {shown(key):.60} must be add, remove or replace, such as {{'add': ids}}."
                )
    return {"fields": fields, "relationships": relationships}
