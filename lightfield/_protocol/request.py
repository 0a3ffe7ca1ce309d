"""How does a request reach another process? Its decoder cannot be pickled; the type that it decodes can."""

import re
from typing import Any, Generic, Literal, Self, TypeVar
from uuid import uuid4

import msgspec
from msgspec.json import Decoder

from lightfield.errors import LightfieldTypeError, LightfieldUsageError, LightfieldValueError

_known: dict[Any, Decoder[Any]] = {}


def type_of(decoder: Decoder[Any]) -> Any:
    """Give what stands for a decoder; the decoder itself comes back for it, where it is known."""
    return _known.setdefault(decoder.type, decoder).type


def decoder_of(kind: Any) -> Decoder[Any]:
    """Give the decoder of a type."""
    return _known.get(kind) or _known.setdefault(kind, Decoder(kind))


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Category = Literal["Read", "Write", "Search"]
"""A rate-limit category of the API. Each has its own limit.

An assumption: the API publishes none for ``workflow_run.status``, nor for ``create``, ``retrieve``, ``update``,
``list``, ``definitions`` and ``list_definitions`` of ``object``. They take that of their like.
"""

RetrySafety = Literal["idempotent", "with_key", "never"]
"""Whether a request may be sent again when it is unknown if it took effect: a read may; a write may with an
``Idempotency-Key``; a write whose key is only best effort may not."""
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Request(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """One API call as a value: what to send, and what comes back."""

    __module__ = "lightfield"

    method: Literal["GET", "POST", "DELETE"]
    path: str
    """Path below the base URL, percent-encoded."""

    decoder: Decoder[T_co]
    category: Category
    query: str = ""
    """Query string, form-encoded, without the question mark."""

    body: bytes | None = None
    """JSON body, encoded."""

    retry_safety: RetrySafety = "idempotent"
    own_rate_limit: bool = False
    """Whether a 429 may mean a limit of this operation's own, and not that of its category."""

    raw: bool = False
    """Whether the response is handed over undecoded, as an ``APIResponse``."""

    idempotency_key: str | None = None
    """``Idempotency-Key`` of a write. None: the client's, or a fresh one each time it is performed."""

    @property
    def takes_key(self) -> bool:
        """Whether it is sent with an ``Idempotency-Key``: a write that is not the same when done twice."""
        return self.retry_safety != "idempotent" and self.method != "GET"

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

    def __reduce__(self) -> tuple[Any, ...]:
        rest = {name: getattr(self, name) for name in self.__struct_fields__ if name != "decoder"}
        return Request._unpickle, (type_of(self.decoder), rest)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    @classmethod
    def _unpickle(cls, kind: Any, rest: dict[str, Any]) -> "Request[Any]":
        return Request(decoder=decoder_of(kind), **rest)

    def __repr__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"<Request {self.method} {self.path}{query} ({self.category})>"


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
