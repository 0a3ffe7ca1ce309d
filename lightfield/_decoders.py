"""How does a request reach another process? Its decoder cannot be pickled; the type that it decodes can."""

from typing import Any

from msgspec.json import Decoder

_known: dict[Any, Decoder[Any]] = {}


def type_of(decoder: Decoder[Any]) -> Any:
    """Give what stands for a decoder; the decoder itself comes back for it, where it is known."""
    return _known.setdefault(decoder.type, decoder).type


def decoder_of(kind: Any) -> Decoder[Any]:
    """Give the decoder of a type."""
    return _known.get(kind) or _known.setdefault(kind, Decoder(kind))
