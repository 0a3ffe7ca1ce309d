"""Is the place found where JSON does not fit a type, with no word of msgspec's?"""

import json
from typing import Annotated, Any

import msgspec
import pytest

from lightfield._protocol.misfit import Misfit, misfit


class Leaf(msgspec.Struct, rename="camel"):
    some_text: str
    note: str | None = None


class Tree(msgspec.Struct):
    leaf: Leaf
    leaves: list[Leaf] = []
    by_name: dict[str, Leaf] = {}
    perhaps: Leaf | None = None
    few: Annotated[list[str], msgspec.Meta(max_length=2)] = []
    rate: float = 0.5


class Closed(msgspec.Struct, forbid_unknown_fields=True):
    text: str


LEAF = {"someText": "a", "unknown": 5}


@pytest.mark.parametrize(
    ("value", "shape", "place", "missing"),
    [
        (5, str, "$", False),
        ({}, str, "$", False),
        ([], Tree, "$", False),
        ({"text": "a", "more": 5}, Closed, "$", False),
        ({}, Tree, "$.leaf", True),
        ({"leaf": None}, Tree, "$.leaf", False),
        ({"leaf": {}}, Tree, "$.leaf.someText", True),
        ({"leaf": {"someText": 5}}, Tree, "$.leaf.someText", False),
        ({"leaf": {**LEAF, "note": 5}}, Tree, "$.leaf.note", False),
        ({"leaf": LEAF, "leaves": {}}, Tree, "$.leaves", False),
        ({"leaf": LEAF, "leaves": [LEAF, {}]}, Tree, "$.leaves[1].someText", True),
        ({"leaf": LEAF, "by_name": []}, Tree, "$.by_name", False),
        ({"leaf": LEAF, "by_name": {"hush": LEAF, "x": {"someText": 5}}}, Tree, "$.by_name[...].someText", False),
        ({"leaf": LEAF, "perhaps": {}}, Tree, "$.perhaps.someText", True),
        ({"leaf": LEAF, "perhaps": 5}, Tree, "$.perhaps", False),
        ({"leaf": LEAF, "rate": 10**400}, Tree, "$.rate", False),
        ({"leaf": LEAF, "few": ["a", 5]}, Tree, "$.few[1]", False),
        ({"leaf": LEAF, "few": ["a", "b", "c"]}, Tree, "$.few", False),
    ],
)
def test_the_place_is_named(value: object, shape: Any, place: str, missing: bool) -> None:
    found = misfit(json.dumps(value).encode(), shape)
    assert isinstance(found, Misfit)
    assert (found.path, found.reason is None) == (place, missing)


@pytest.mark.parametrize(
    "content",
    [b'{"leaf":{"someText":"a"}}', b"", b'{"leaf":', b'{"leaf":{"someText":"\xff"}}', b"[" * 100_000],
    ids=["fits", "empty", "cut", "no-unicode", "deep"],
)
def test_there_is_none_in_what_fits_or_is_no_json(content: bytes) -> None:
    assert misfit(content, Tree) is None
