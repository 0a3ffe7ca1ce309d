"""An API call as a value. Its decoder cannot be pickled, so it pickles as the type to decode."""

import re
from typing import Any, Generic, Literal, Self, TypeVar
from uuid import uuid4

import msgspec
from msgspec.json import Decoder

from lightfield.errors import LightfieldTypeError, LightfieldUsageError, LightfieldValueError

from .display import ShownByRepr
from .headers import Headers
from .timeout import Timeout

_decoders: dict[Any, Decoder[Any]] = {}

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Category = Literal["Read", "Write", "Search"]
"""A rate-limit category of the API. Each has its own limit.

An assumption: the API documents none for ``workflow_run.status``, nor for ``create``, ``retrieve``, ``update``,
``list``, ``definitions`` and ``list_definitions`` of ``object``. They use the category of similar operations.
"""

RetrySafety = Literal["idempotent", "with_key", "with_callers_key", "never"]
"""Whether a request may be retried after an unclear outcome: always, with its ``Idempotency-Key``, with one that its
caller gives, or never (also for writes whose key the API honours only on a best-effort basis)."""

Form = Literal["decoded", "raw", "streamed", "response"]
"""How a response is returned: decoded; undecoded, its body read or yet to be read; or as a ``Response``."""

Reuse = Literal["any", "rested", "none"]
"""Which pooled connections may carry a request: any, only those that were idle for a moment, or none."""

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Request(ShownByRepr, msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """One API call as a value: what to send, and how to decode the response."""

    __module__ = "lightfield"
    method: Literal["GET", "POST", "DELETE"]
    path: str
    """Path relative to the base URL, percent-encoded."""

    decoder: Decoder[T_co]
    category: Category
    query: str = ""
    """Query string, form-encoded, without the question mark."""

    body: bytes | None = None
    """Encoded JSON body."""

    retry_safety: RetrySafety = "idempotent"
    own_rate_limit: bool = False
    """Whether a 429 may stem from a limit of this operation alone rather than that of its category."""

    form: Form = "decoded"
    """How the response is returned."""

    idempotency_key: str | None = None
    """``Idempotency-Key`` of a write. If None, the client's key, or a new one for each call."""

    headers: Headers | None = None
    """Headers beside those that every request has."""

    timeout: Timeout | None = None
    """Limits of one attempt. If None, those of the client."""

    @property
    def takes_key(self) -> bool:
        """Whether it is sent with an ``Idempotency-Key``: true only for writes that are not idempotent."""
        return self.retry_safety != "idempotent" and self.method != "GET"

    def url(self, base: str) -> str:
        """Return the URL below that of the API."""
        return f"{base}{self.path}" + f"?{self.query}" * bool(self.query)

    def keyed(self, key: str | None = None) -> Self:
        """Return the same request with a fixed ``Idempotency-Key``, used however often it is sent.

        Store the key before sending: if the API documents a key for the operation, a request with the same key takes
        effect only once within 24 hours. A different payload does not change that: the API repeats its first response.

        Args:
            key: 1 to 255 visible ASCII characters; a random UUID by default.

        Raises:
            LightfieldUsageError: The request takes no key: it is a read or an idempotent write.
            LightfieldValueError: The key is malformed.
        """
        if not self.takes_key:
            raise LightfieldUsageError(f"{self!r} takes no idempotency key: it is a read or an idempotent write.")
        checked = str(uuid4()) if key is None else checked_idempotency_key(key)
        return msgspec.structs.replace(self, idempotency_key=checked)

    def __reduce__(self) -> tuple[Any, ...]:
        rest = {name: getattr(self, name) for name in self.__struct_fields__ if name != "decoder"}
        kind = _decoders.setdefault(self.decoder.type, self.decoder).type
        return Request._unpickle, (kind, rest)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    @classmethod
    def _unpickle(cls, kind: Any, rest: dict[str, Any]) -> "Request[Any]":
        decoder: Decoder[Any] = _decoders.get(kind) or _decoders.setdefault(kind, Decoder(kind))
        return Request(decoder=decoder, **rest)

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
    text = str.__str__(key)  # what a subclass, such as an enum, makes of itself may be something else
    if not _KEY.fullmatch(text):
        raise LightfieldValueError("idempotency_key must be 1 to 255 visible ASCII characters.")
    return text
