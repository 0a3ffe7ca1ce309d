"""Is a request described in full, and is nothing that cannot be sent ever described?"""

import re
import sys
import unicodedata
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.json import Decoder

from lightfield._protocol.builders import describe, get, path_segment, write
from lightfield._protocol.request import Request, RetrySafety
from lightfield.errors import LightfieldError, LightfieldTypeError, LightfieldUsageError, LightfieldValueError
from tests.ids import lasting

ANYTHING: Decoder[Any] = Decoder()

QUOTED = {
    "opp_cm9uvw890xyz123": "opp_cm9uvw890xyz123",
    "a" * 512: "a" * 512,
    "3f2b-11": "3f2b-11",
    "~x.y": "~x.y",
    "...": "...",
    "$stage": "%24stage",
    "a b": "a%20b",
    "a+b&c=d;e": "a%2Bb%26c%3Dd%3Be",
    "a:b@c": "a%3Ab%40c",
    "é": "%C3%A9",
    "日本": "%E6%97%A5%E6%9C%AC",
    "\uff0e\uff0e": "%EF%BC%8E%EF%BC%8E",
}
EMPTY = ["", " ", "\t\n", "\u00a0"]
DOTS = [".", "..", "../accounts", "./x", "a/../b", "..%2f", "%2e%2e", "..\\accounts"]
INJECTIONS = ["a/b", "/a", "a/", "a\\b", "a?x=1", "?", "a#f", "#", "%2F", "a%", "%00"]
CONTROLS = ["a\r\nb", "a\n", "\ra", "a\0", "a\x1bb", "a\x7f", "a\x85b", "a\u2028b", "a\u2029", " a", "a ", "\u00a0a"]
OTHERS = ["a" * 513, "\ud800", "a\udfff"]


@pytest.mark.parametrize(("id", "quoted"), QUOTED.items())
def test_an_id_is_quoted_exactly_once(id: str, quoted: str) -> None:
    assert path_segment(id) == quoted


@pytest.mark.parametrize("id", [*EMPTY, *DOTS, *INJECTIONS, *CONTROLS, *OTHERS])
def test_what_could_be_read_as_anything_but_one_segment_is_refused(id: str) -> None:
    with pytest.raises(LightfieldValueError) as caught:
        path_segment(id)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("id", [None, 5, 1.5, b"opp_1", ["opp_1"], True])
def test_an_id_that_is_no_string_is_refused_naming_its_type(id: Any) -> None:
    with pytest.raises(LightfieldTypeError, match=f"run_id must be a string, not {type(id).__name__}") as caught:
        path_segment(id, "run_id")
    assert isinstance(caught.value, TypeError)


@given(id=st.text())
@example("..")
@example("%2e")
@example("\ud800")
def test_any_text_is_refused_or_stays_one_segment(id: str) -> None:
    try:
        quoted = path_segment(id)
    except LightfieldValueError:
        return
    assert re.fullmatch(r"[A-Za-z0-9_.~%-]+", quoted)
    assert quoted not in {".", ".."}
    assert unquote(quoted) == id


def test_every_character_is_refused_or_quoted_as_the_rule_says() -> None:
    """Put each character of Unicode alone, where it is at both ends, and in the middle of an id."""
    inside = list[str]()
    for character in map(chr, range(sys.maxunicode + 1)):
        refused = character in "/\\?#%" or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        if not refused:
            inside.append(character)
        if refused or character.isspace() or character == ".":
            with pytest.raises(LightfieldValueError):
                path_segment(character)
        else:
            assert path_segment(character) == quote(character, safe="")
        if refused:
            with pytest.raises(LightfieldValueError):
                path_segment(f"a{character}b")
    for start in range(0, len(inside), 500):
        id = f"a{''.join(inside[start : start + 500])}b"
        assert path_segment(id) == quote(id, safe="")


def test_an_id_may_be_a_kind_of_string() -> None:
    class Known(StrEnum):
        FIRST = "opp_1"

    assert path_segment(Known.FIRST) == "opp_1"


def test_get_describes_a_read() -> None:
    assert get("/v1/things", ANYTHING) == Request("GET", "/v1/things", ANYTHING, "Read", retry_safety="idempotent")
    assert get("/v1/things", ANYTHING, "Search", "limit=25").query == "limit=25"


@pytest.mark.parametrize(
    ("query", "encoded"),
    [
        (None, ""),
        ({}, ""),
        ({"limit": "25", "offset": "0"}, "limit=25&offset=0"),
        ({"$name[contains]": "A & B"}, "%24name%5Bcontains%5D=A+%26+B"),
        ({"a": "é", "b": "\r\n#"}, "a=%C3%A9&b=%0D%0A%23"),
    ],
)
def test_a_query_is_form_encoded(query: dict[str, str] | None, encoded: str) -> None:
    assert describe("GET", "/v1/things", decoder=ANYTHING, query=query).query == encoded


@pytest.mark.parametrize(
    ("method", "category", "retry_safety"),
    [("GET", "Read", "idempotent"), ("POST", "Write", "with_callers_key"), ("DELETE", "Write", "idempotent")],
)
def test_the_method_gives_category_and_whether_it_may_be_repeated(
    method: Any, category: str, retry_safety: str
) -> None:
    request = describe(method, "/v1/things", decoder=ANYTHING)
    assert (request.method, request.category, request.retry_safety, request.body) == (
        method,
        category,
        retry_safety,
        None,
    )


def test_the_category_can_be_named() -> None:
    assert describe("GET", "/v1/things", decoder=ANYTHING, category="Search").category == "Search"


@pytest.mark.parametrize("body", [{"name": "x"}, {}, MappingProxyType({"name": "x"})], ids=["dict", "empty", "proxy"])
def test_a_body_is_any_mapping_and_is_encoded_at_once(body: Any) -> None:
    assert describe("POST", "/v1/things", decoder=ANYTHING, body=body).body == msgspec.json.encode(dict(body))


MISSHAPEN = ["", "v1/things", "/", "//", "/v1//things", "/v1/things/", "/v1/..", "/v1/../x", "/./x", "/v1/a b", "/v1/ä"]
DISGUISED = ["/v1/%2e%2e/x", "/v1/%2E", "/v1/.%2e", "/v1/%zz", "/v1/%"]
FORBIDDEN = ["/v1/x?y", "/v1/x#y", "/v1/x\n", "/v1/\r\nx", "/v1/\0", "https://a.test/v1", "//a.test/v1", "/v1\\x"]


@pytest.mark.parametrize("path", [*MISSHAPEN, *DISGUISED, *FORBIDDEN])
def test_paths_that_cannot_be_sent_as_they_are(path: str) -> None:
    with pytest.raises(LightfieldValueError) as caught:
        describe("GET", path, decoder=ANYTHING)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"method": "PATCH"}, ValueError),
        ({"method": "get"}, ValueError),
        ({"method": []}, ValueError),
        ({"method": "GET\r\nX: y"}, ValueError),
        ({"path": None}, TypeError),
        ({"category": "read"}, ValueError),
        ({"query": {"a": "\ud800"}}, ValueError),
        ({"query": "limit=25"}, TypeError),
        ({"body": {"a": float("nan")}}, ValueError),
        ({"body": {"a": object()}}, TypeError),
        ({"body": {"a": "\ud800"}}, ValueError),
    ],
    ids=lasting,
)
def test_what_cannot_be_sent_is_refused_before_it_is_sent(fault: dict[str, Any], kind: type[Exception]) -> None:
    arguments: dict[str, Any] = {"method": "POST", "path": "/v1/things", "decoder": ANYTHING, **fault}
    with pytest.raises(LightfieldError) as caught:
        describe(**arguments)
    assert isinstance(caught.value, kind)


@pytest.mark.parametrize("body", ["a", b"{}", [("a", "b")], 5], ids=repr)
def test_the_body_of_a_write_must_be_a_mapping(body: Any) -> None:
    with pytest.raises(LightfieldTypeError, match=f"body must be a mapping, not {type(body).__name__}"):
        write("/v1/things", ANYTHING, body)


def test_repr_shows_what_is_asked_but_not_the_body() -> None:
    request = describe("POST", "/v1/things", decoder=ANYTHING, query={"limit": "5"}, body={"secret": "hunter2"})
    assert repr(request) == "<Request POST /v1/things?limit=5 (Write)>"
    assert repr(get("/v1/things", ANYTHING)) == "<Request GET /v1/things (Read)>"


def test_a_request_is_a_value() -> None:
    request = get("/v1/things", ANYTHING)
    assert request == get("/v1/things", ANYTHING)
    assert hash(request) == hash(get("/v1/things", ANYTHING))
    with pytest.raises(AttributeError):
        request.path = "/v1/others"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]


def test_a_request_can_be_left_undecoded_without_changing_it() -> None:
    request = get("/v1/things", ANYTHING)
    raw = msgspec.structs.replace(request, form="raw")
    assert (raw.form, request.form) == ("raw", "decoded")
    assert msgspec.structs.replace(raw, form="decoded") == request


@pytest.mark.parametrize("retry_safety", ["with_key", "never"])
def test_a_keyed_write_is_the_same_write_with_a_key_of_its_own(retry_safety: RetrySafety) -> None:
    request = write("/v1/things", ANYTHING, {"a": 1}, retry_safety=retry_safety)
    one, two = request.keyed(), request.keyed()
    assert (UUID(str(one.idempotency_key)).version, request.idempotency_key) == (4, None)
    assert one.idempotency_key != two.idempotency_key
    assert msgspec.structs.replace(one, idempotency_key=None) == request
    assert one.keyed("order-17").keyed("order-18").idempotency_key == "order-18"


@pytest.mark.parametrize(
    "request_",
    [
        get("/v1/things", ANYTHING),
        describe("GET", "/v1/things", decoder=ANYTHING),
        describe("DELETE", "/v1/things", decoder=ANYTHING),
        write("/v1/things", ANYTHING, None, retry_safety="idempotent"),
    ],
    ids=repr,
)
def test_what_takes_no_key_is_given_none(request_: Request[Any]) -> None:
    with pytest.raises(LightfieldUsageError, match="takes no idempotency key"):
        request_.keyed()
    assert not request_.takes_key


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("", LightfieldValueError),
        ("a b", LightfieldValueError),
        ("k" * 256, LightfieldValueError),
        (5, LightfieldTypeError),
    ],
)
def test_a_key_that_cannot_be_a_header_is_refused(key: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="idempotency_key"):
        write("/v1/things", ANYTHING, None, retry_safety="with_key").keyed(key)
