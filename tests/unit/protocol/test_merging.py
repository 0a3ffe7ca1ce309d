"""Queries and bodies with what a caller adds."""

from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield import LightfieldTypeError, LightfieldValueError
from lightfield._protocol.merging import merge_body, merge_query, query_of
from lightfield._protocol.omit import omit

NAMES = st.sampled_from(["a", "b", "$c[equal]", "é"])
PAIRS = st.lists(st.tuples(NAMES, st.text(st.characters(codec="utf-8"), max_size=3)), max_size=5)


@given(before=PAIRS, more=st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"), min_size=1, max_size=3)))
def test_what_is_added_replaces_what_has_its_name(before: list[tuple[str, str]], more: dict[str, str]) -> None:
    query = merge_query("&".join(query_of("q", dict([pair])) for pair in before if pair[1]), query_of("q", more))
    kept = [pair for pair in before if pair[1] and pair[0] not in more]
    assert parse_qsl(query, keep_blank_values=True) == [*kept, *more.items()]


@pytest.mark.parametrize(
    ("members", "query"),
    [
        ({}, ""),
        ({"a": "x y&z", "b": True, "c": False, "d": 1.5, "e": 0}, "a=x+y%26z&b=true&c=false&d=1.5&e=0"),
        ({"a": None, "b": "", "c": omit, "d": []}, "d="),
        ({"a": [1, "b", None, True], "t": ("x",)}, "a=1%2Cb%2Ctrue&t=x"),
        ({"a": MappingProxyType({"b": {"c": 1}, "d": [2]})}, "a%5Bb%5D%5Bc%5D=1&a%5Bd%5D=2"),
    ],
)
def test_members_become_parameters(members: dict[str, Any], query: str) -> None:
    assert query_of("option", members) == query


@pytest.mark.parametrize("members", [{"a": object()}, {"a": [object()]}, {"a": b"x"}, {5: 1}, ["a"], "a=1", None])
def test_what_cannot_be_a_parameter_is_refused(members: Any) -> None:
    with pytest.raises(LightfieldTypeError, match=r"^option"):
        query_of("option", members)


def test_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(LightfieldValueError, match="Unicode"):
        query_of("option", {"a": "\ud800"})


def test_a_body_stays_exact() -> None:
    body = b'{"a":12345678901234567890.10,"b":{"c":1e400},"d":1}'
    merged = merge_body(body, "option", {"d": [None], "e": 2**70, "f": omit})
    assert merged == b'{"a":12345678901234567890.10,"b":{"c":1e400},"d":[null],"e":1180591620717411303424}'
    assert msgspec.json.decode(merge_body(None, "option", {"a": 1})) == {"a": 1}


@pytest.mark.parametrize("extra", [["a"], "a", 5])
def test_what_is_no_mapping_is_refused(extra: Any) -> None:
    with pytest.raises(LightfieldTypeError, match="option must be a mapping"):
        merge_body(b"{}", "option", extra)
