"""What anybody gets to see of a failure: texts, attributes to the last level, and frames with their variables."""

import logging
import pickle
import sys
import traceback
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import msgspec
from rich.traceback import Traceback

SECRET = "9f2b1c7d4e"
KEY = f"sk_lf_{SECRET}"
PASSWORD = "pa55phrase"
SIGNED = "X-Signature=5ecret"

NEEDLES = [SECRET, PASSWORD, SIGNED, *(b64encode(text.encode()).decode() for text in (KEY, f"user:{PASSWORD}"))]
"""What is looked for: the API key, a proxy's password, what signs an address; the first two also as headers have them.

A part of the key is enough to be found.
"""


def everything(error: BaseException | None) -> str:
    """Render an error, and all that led to it."""
    return "\n".join(chain.from_iterable(map(_views, _family(error, set()))))


def records(logged: Iterable[logging.LogRecord]) -> str:
    """Render log records with all that a handler could make of them."""
    seen: list[str] = []
    for record in logged:
        seen += [record.getMessage(), *_inside(vars(record), set())]
        seen += [everything(record.exc_info[1])] if record.exc_info else []
    return "\n".join(seen)


def found(shown: str) -> list[str]:
    """Say which secrets are to be seen."""
    return [needle for needle in NEEDLES if needle in shown]


def _family(error: BaseException | None, met: set[int]) -> Iterator[BaseException]:
    """Give an error, its causes, what was being handled when it came up, and the members of a group."""
    if error is None or id(error) in met:
        return
    met.add(id(error))
    yield error
    members = getattr(error, "exceptions", ())
    for relative in (error.__cause__, error.__context__, *members):
        yield from _family(relative, met)


def _views(error: BaseException) -> Iterator[str]:
    yield from (str(error), repr(error))
    yield from _inside((error.args, vars(error), getattr(error, "__notes__", ())), set())
    yield from traceback.TracebackException.from_exception(error, capture_locals=True).format()
    yield pickle.dumps(error).decode("latin-1")
    yield from _shown_by_rich(error)
    for frame, _ in traceback.walk_tb(error.__traceback__):
        yield from _inside(frame.f_locals, set(), fields=False)


def _shown_by_rich(error: BaseException) -> Iterator[str]:
    """Give the variables of every frame as rich shows them, which Structs tell of each field."""
    most = sys.maxsize
    trace = Traceback.extract(
        type(error), error, error.__traceback__, show_locals=True, locals_max_length=most, locals_max_string=most
    )
    for frame in chain.from_iterable(stack.frames for stack in trace.stacks):
        yield from map(str, (frame.locals or {}).values())


def _inside(value: Any, met: set[int], *, fields: bool = True) -> Iterator[str]:
    """Give the texts of a value and of all that it holds, if it is a container or, with ``fields``, a Struct.

    Without, it is as error trackers and debuggers do: a container is unfolded, whatever its ``repr``.
    """
    if id(value) in met:
        return
    met.add(id(value))
    yield value.decode("latin-1") if isinstance(value, bytes) else f"{value}\n{value!r}"
    inner: Iterable[Any] = ()
    if fields and isinstance(value, msgspec.Struct):
        yield msgspec.json.encode(value, enc_hook=repr).decode()
        inner = [getattr(value, name) for name in value.__struct_fields__]
    elif isinstance(value, Mapping):
        inner = chain.from_iterable(value.items())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    elif isinstance(value, list | tuple):
        inner = value  # pyright: ignore[reportUnknownVariableType]
    for part in inner:  # pyright: ignore[reportUnknownVariableType]
        yield from _inside(part, met, fields=fields)
