"""A request, described but not sent.

A ``Request`` is a plain value: resources make them, clients perform them, and ``client.plan`` hands them out.
Ids are checked and quoted here, bodies are encoded here, so that nothing malformed is ever sent.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, cast, get_args
from urllib.parse import quote, unquote, urlencode
from uuid import uuid4

import msgspec
from msgspec.json import Decoder

from ._codec import encode
from ._decoders import decoder_of, type_of
from .errors import LightfieldTypeError, LightfieldUsageError, LightfieldValueError

if TYPE_CHECKING:
    from ._response import APIResponse

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Category = Literal["Read", "Write", "Search"]
"""A rate-limit category of the API. Each has its own limit.

An assumption: the API publishes none for ``workflow_run.status``, nor for ``create``, ``retrieve``, ``update``,
``list``, ``definitions`` and ``list_definitions`` of ``object``. They take that of their like.
"""

Repeat = Literal["freely", "with_key", "never"]
"""Whether a request may be sent again when it is unknown if it took effect: a read may; a write may with an
``Idempotency-Key``; a write whose key is only best effort may not."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,128}")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029/\\?#%]|^\.{1,2}$|^\s|\s$")
_LONGEST = 512
_PATH = re.compile(r"(/([A-Za-z0-9_~$.-]|%[0-9A-Fa-f]{2})+)+")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Request(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """One API call as a value: what to send, and what comes back."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    """Path below the base URL, percent-encoded."""

    decoder: Decoder[T_co]
    category: Category
    query: str = ""
    """Query string, form-encoded, without the question mark."""

    body: bytes | None = None
    """JSON body, encoded."""

    repeat: Repeat = "freely"
    limited_apart: bool = False
    """Whether a 429 may mean a limit of this operation's own, and not that of its category."""

    raw: bool = False
    """Whether the response is handed over undecoded, as an ``APIResponse``."""

    idempotency_key: str | None = None
    """``Idempotency-Key`` of a write. None: the client's, or a fresh one each time it is performed."""

    @property
    def takes_key(self) -> bool:
        """Whether it is sent with an ``Idempotency-Key``: a write that is not the same when done twice."""
        return self.repeat != "freely" and self.method != "GET"

    def keyed(self, key: str | None = None) -> Self:
        """Describe the same request with an ``Idempotency-Key`` of its own, which it keeps however often it is sent.

        Store the key before you send the request: described and keyed with it again within 24 hours, the request takes
        effect once, where the API documents its key. Another payload makes no difference: the first answer comes again.

        Args:
            key: 1 to 255 visible ASCII characters; a random UUID by default.

        Raises:
            LightfieldUsageError: The request takes no key: a read, or a write that may be repeated as it is.
            LightfieldValueError: The key cannot be one.
        """
        if not self.takes_key:
            raise LightfieldUsageError(f"{self!r} takes no idempotency key: it may be repeated as it is.")
        checked = str(uuid4()) if key is None else checked_idempotency_key(key)
        return msgspec.structs.replace(self, idempotency_key=checked)

    def undecoded(self) -> "Request[APIResponse[T_co]]":
        """Describe the same request with its response left raw."""
        return cast("Request[APIResponse[T_co]]", msgspec.structs.replace(self, raw=True))

    def __reduce__(self) -> tuple[Any, ...]:
        rest = {name: getattr(self, name) for name in self.__struct_fields__ if name != "decoder"}
        return _unpickled, (type_of(self.decoder), rest)

    def __repr__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"<Request {self.method} {self.path}{query} ({self.category})>"


def _unpickled(kind: Any, rest: dict[str, Any]) -> Request[Any]:
    return Request(decoder=decoder_of(kind), **rest)


def checked_idempotency_key(key: object) -> str:
    """Check an idempotency key.

    Raises:
        LightfieldTypeError: It is not a string.
        LightfieldValueError: It is not 1 to 255 visible ASCII characters.
    """
    if not isinstance(key, str):
        raise LightfieldTypeError(f"idempotency_key must be a string, not {type(key).__name__}.")
    if not _KEY.fullmatch(key):
        raise LightfieldValueError("idempotency_key must be 1 to 255 visible ASCII characters.")
    return key


def segment(value: str, name: str = "id") -> str:
    """Check an id and quote it as one segment of a path.

    Raises:
        LightfieldTypeError: The id is not a string.
        LightfieldValueError: The id is empty, too long, or could be read as anything but one segment.
    """
    if type(value) is str and _PLAIN.fullmatch(value):
        return value
    return _quoted(value, name)


def _quoted(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise LightfieldTypeError(f"{name} must be a string, not {type(value).__name__}.")
    if not value.strip():
        raise LightfieldValueError(f"{name} is empty.")
    if len(value) > _LONGEST or _FORBIDDEN.search(value):
        raise LightfieldValueError(
            f"{name} is no id: {value[:40]!a} is too long, a dot segment, or holds one of / \\ ? # %, "
            "a control character, or a space at an end.",
        )
    try:
        return quote(value, safe="")
    except UnicodeEncodeError as error:
        raise LightfieldValueError(f"{name} is no id: it holds half of a surrogate pair.") from error


def get(path: str, decoder: Decoder[T], category: Category = "Read", query: str = "") -> Request[T]:
    """Describe a ``GET``."""
    return Request("GET", path, decoder, category, query)


def write(
    path: str,
    decoder: Decoder[T],
    body: Mapping[str, object] | None,
    *required: str,
    repeat: Repeat = "never",
    method: Literal["POST", "DELETE"] = "POST",
    limited_apart: bool = False,
) -> Request[T]:
    """Describe a write; the body's members that are None are left out, unless they are ``required``.

    Raises:
        LightfieldTypeError: The body is no mapping, lacks a required member, or holds what has no JSON form.
        LightfieldValueError: It holds a value that cannot be sent.
    """
    if body is None:
        return Request(method, path, decoder, "Write", repeat=repeat, limited_apart=limited_apart)
    if not isinstance(body, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError(f"body must be a mapping, not {type(body).__name__}.")
    absent = [name for name in required if body.get(name) in (None, "")]
    if absent:
        raise LightfieldTypeError(f"{' and '.join(absent)} must be given.")
    content = encode({name: value for name, value in body.items() if value is not None})
    return Request(method, path, decoder, "Write", body=content, repeat=repeat, limited_apart=limited_apart)


def strings(name: str, values: Sequence[str] | None) -> Sequence[str] | None:
    """Check that a parameter is several strings: one string is a sequence of strings too, but not what was meant.

    Raises:
        LightfieldTypeError: It is something else.
    """
    if values is None:
        return None
    several = isinstance(values, Sequence) and not isinstance(values, str | bytes)  # pyright: ignore[reportUnnecessaryIsInstance]
    if several and all(isinstance(value, str) for value in values):  # pyright: ignore[reportUnnecessaryIsInstance]
        return values
    raise LightfieldTypeError(f"{name} must be a list of strings, not {type(values).__name__}.")


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Form-encode the names and values of a query.

    Raises:
        LightfieldValueError: They hold text that is no Unicode.
    """
    try:
        return urlencode(list(pairs))
    except UnicodeEncodeError:
        raise LightfieldValueError("query holds text that is no Unicode: half of a surrogate pair.") from None


def _query(query: Mapping[str, str] | None) -> str:
    if query is None:
        return ""
    if not isinstance(query, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError(f"query must be a mapping, not {type(query).__name__}.")
    return encode_query(query.items())


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
    """Describe a request that has no operation yet.

    Raises:
        LightfieldValueError: The method, path, query or body cannot be sent.
    """
    if method not in ("GET", "POST", "DELETE"):
        raise LightfieldValueError(f"method must be GET, POST or DELETE, not {method!a:.40}.")
    if category is not None and category not in get_args(Category):
        raise LightfieldValueError(f"category must be Read, Write or Search, not {category!a:.40}.")
    _check_path(path)
    return Request(
        method,
        path,
        decoder,
        category or ("Read" if method == "GET" else "Write"),
        _query(query),
        None if body is None else encode(body),
        "with_key" if method == "POST" else "freely",
    )
