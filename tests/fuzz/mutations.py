"""Documents, spoilt: the parts of a valid one replaced, dropped, doubled and swapped, then its bytes damaged.

Whoever chooses is asked through ``Choose``: Hypothesis in the tests, atheris in ``atheris_decoder.py``.
"""

from collections.abc import Iterator
from typing import Any, Protocol, TypeAlias

import msgspec

Path: TypeAlias = tuple[Any, ...]
"""Keys and indices, from the top of a document."""


class Choose(Protocol):
    """Choose a whole number from 0 up to ``most``."""

    def __call__(self, most: int, /) -> int: ...


def _nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


FRAGMENTS: dict[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "zero": b"0",
    "minus zero": b"-0.0",
    "float for an integer": b"1.0",
    "beyond 64 bits": b"340282366920938463463374607431768211456",
    "4000 digits": b"9" * 4_000,
    "5000 digits": b"9" * 5_000,
    "5000 decimals": b"0." + b"9" * 5_000,
    "smallest float": b"5e-324",
    "1e308": b"1e308",
    "1e999": b"1e999",
    "exponent too large": b"1e99999999999999999999",
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "leading zero": b"007",
    "empty string": b'""',
    "string": b'"SOMETHING_NEW"',
    "long string": b'"' + b"x" * 10_000 + b'"',
    "escapes": rb'"\u0000\n\ud83c\udf89\u2028"',
    "lone surrogate": rb'"\ud800"',
    "half a pair": rb'"\udc00\ud800x"',
    "invalid UTF-8": b'"\xff\xfe"',
    "overlong UTF-8": b'"\xc0\xaf"',
    "raw surrogate": b'"\xed\xa0\x80"',
    "control character": b'"\x01"',
    "single quotes": b"'x'",
    "date of no calendar": b'"2026-02-30T25:61:61Z"',
    "first moment": b'"0001-01-01T00:00:00+23:59"',
    "last moment": b'"9999-12-31T23:59:59.999999-23:59"',
    "empty list": b"[]",
    "list of null": b"[null]",
    "mixed list": b'["x",1,null,{}]',
    "empty object": b"{}",
    "object of null": b'{"":null}',
    "field": b'{"value":{"latitude":1e308,"firstName":"x"},"valueType":"ADDRESS"}',
    "same key twice": b'{"id":"a","id":5,"value":1,"value":[]}',
    "nested": _nested(60),
    "nested deeper": _nested(5_000),
    "open": b"[[[[",
    "nothing": b"",
}
"""What takes the place of a part: JSON of another kind, at its edges, or none."""

_KEYS = ["", "id", "data", "value", "valueType", "\u2028", "x" * 1_000]


def places(document: Any, path: Path = ()) -> Iterator[Path]:
    """Give the place of every part of a document, itself first."""
    yield path
    inner: Any = ()
    if isinstance(document, dict):
        inner = document.items()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    elif isinstance(document, list):
        inner = enumerate(document)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    for key, part in inner:
        yield from places(part, (*path, key))


def slim(document: Any) -> Any:
    """Leave out of maps and lists all but two entries."""
    if isinstance(document, list):
        return [slim(part) for part in document[:2]]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(document, dict):
        return document
    items: Any = document.items()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    left_out = [key for key, _ in items if key.startswith("$")][2:]
    return {key: slim(part) for key, part in items if key not in left_out}


def kinds_of_places(document: Any) -> list[Path]:
    """Give one place of each kind: those that have their name and their holder's name in common."""
    kinds: dict[Path, Path] = {}
    for path in places(document):
        names = ["*" if isinstance(key, int) or key.startswith("$") else key for key in path]
        kinds.setdefault(tuple(names[-3:]), path)
    return [*kinds.values()]


def part_at(document: Any, path: Path) -> Any:
    """Give a part."""
    for key in path:
        document = document[key]
    return document


def replaced(document: Any, path: Path, part: object) -> Any:
    """Give a copy of a document with another part in a place."""
    if not path:
        return part
    copy = document.copy()
    copy[path[0]] = replaced(document[path[0]], path[1:], part)
    return copy


def without(document: Any, path: Path) -> Any:
    """Give a copy of a document that lacks a part."""
    holder = part_at(document, path[:-1]).copy()
    del holder[path[-1]]
    return replaced(document, path[:-1], holder)


def spoilt(document: Any, choose: Choose) -> Any:
    """Change one part of a document, which may hold fragments from changes before."""
    everywhere = list(places(document))
    path = everywhere[choose(len(everywhere) - 1)]
    other = everywhere[choose(len(everywhere) - 1)]
    way = choose(4)
    if way == 0 and path:
        return without(document, path)
    if way == 1:
        return replaced(document, path, part_at(document, other))
    if way == 2 and path[: len(other)] != other != path and other[: len(path)] != path:
        swapped = replaced(document, path, part_at(document, other))
        return replaced(swapped, other, part_at(document, path))
    if way == 3 and isinstance(part_at(document, path), dict):
        return replaced(document, path, _doubled(part_at(document, path), choose))
    names = list(FRAGMENTS)
    return replaced(document, path, msgspec.Raw(FRAGMENTS[names[choose(len(names) - 1)]]))


def _doubled(part: dict[str, Any], choose: Choose) -> msgspec.Raw:
    """Write an object with one more key, which may be there already."""
    names = [*part, *_KEYS]
    entry = {names[choose(len(names) - 1)]: [*part.values(), None][choose(len(part))]}
    inner = [msgspec.json.encode(half)[1:-1] for half in (part, entry)]
    return msgspec.Raw(b"{" + b",".join(filter(None, inner)) + b"}")


def damaged(content: bytes, choose: Choose) -> bytes:
    """Damage bytes in one way; in one of two cases in none."""
    position = choose(len(content))
    way = choose(13)
    ways = [
        b"\xef\xbb\xbf" + content,
        content.decode(errors="replace").encode("utf-16"),
        content.decode(errors="replace").encode("utf-32-be"),
        content[:position],
        content[:position] + bytes([choose(255)]) + content[position + 1 :],
        content[:position] + b"\xff" + content[position:],
        content + content,
    ]
    return ways[way] if way < len(ways) else content


def spoilt_bytes(documents: list[Any], choose: Choose) -> bytes:
    """Take one of some documents, change up to three parts of it, and damage its bytes."""
    document = documents[choose(len(documents) - 1)]
    for _ in range(choose(3)):
        document = spoilt(document, choose)
    return damaged(msgspec.json.encode(document), choose)
