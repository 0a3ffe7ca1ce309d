"""Headers of a caller's own: merged in any case, and never shown."""

from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from lightfield import LightfieldTypeError, LightfieldValueError
from lightfield._protocol.headers import Headers, checked_headers, merge_headers
from lightfield._protocol.omit import NOT_GIVEN, omit

CASES = st.sampled_from(["x-a", "X-A", "x-A", "x-b", "X-B", "x-c"])
MAPPINGS = st.dictionaries(CASES, st.none() | st.text(st.characters(codec="ascii", categories=["L", "N"])))


@given(several=st.lists(MAPPINGS, max_size=4))
def test_of_each_name_the_last_one_counts(several: list[dict[str, str | None]]) -> None:
    merged = merge_headers(*several)
    last = {name.lower(): value for headers in several for name, value in headers.items()}
    assert {name.lower(): value for name, value in merged.items()} == last
    assert len(merged) == len(last)


def test_values_are_not_shown_and_equal_headers_are_equal() -> None:
    one, two = Headers({"X-A": "sesame", "X-B": None}), Headers({"X-B": None, "X-A": "sesame"})
    assert (repr(one), str(one)) == ("<Headers X-A, X-B>", "<Headers X-A, X-B>")
    assert (one, hash(one)) == (two, hash(two))
    assert merge_headers(None, one, None) == one


@pytest.mark.parametrize("make", [dict, MappingProxyType, CIMultiDict])
def test_any_mapping_is_taken_and_left_as_it_is(make: Any) -> None:
    given_headers = make({"X-A": "1", "x-b": "2"})
    assert checked_headers("option", given_headers) == {"X-A": "1", "x-b": "2"}
    assert dict(given_headers) == {"X-A": "1", "x-b": "2"}


def test_none_and_omitted_values_remove() -> None:
    assert checked_headers("option", {"X-A": None, "X-B": omit, "X-C": NOT_GIVEN, "X-D": ""}) == {
        "X-A": None,
        "X-B": None,
        "X-C": None,
        "X-D": "",
    }


@given(value=st.text(max_size=8), name=st.text(max_size=8))
def test_whatever_passes_is_one_line_of_ascii(value: str, name: str) -> None:
    try:
        [(kept_name, kept)] = checked_headers("option", {name: value}).items()
    except LightfieldValueError:
        return
    assert (kept_name, kept) == (name, value)
    assert f"{name}: {value}".isascii()
    assert f"{name}: {value}".isprintable()
    assert ":" not in name
    assert " " not in name


@pytest.mark.parametrize("name", ["Authorization", "HOST", "content-length", "Transfer-Encoding", "Own"])
def test_names_that_are_taken_are_refused(name: str) -> None:
    with pytest.raises(LightfieldValueError, match=f"option cannot set {name}"):
        checked_headers("option", {name: "x"}, "own")


@pytest.mark.parametrize("headers", [None, "a: b", ["a"], 5])
def test_what_is_no_mapping_is_refused(headers: Any) -> None:
    with pytest.raises(LightfieldTypeError, match="option must be a mapping"):
        checked_headers("option", headers)
