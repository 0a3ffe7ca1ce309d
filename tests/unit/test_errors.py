"""Do errors form one tree, keep what the API said, travel between processes and fit one log line?"""

import copy
import inspect
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from lightfield import errors as e
from lightfield._protocol.decoding import error_class, status_error
from lightfield._protocol.error_body import error_details
from lightfield._protocol.response import Response
from lightfield.errors import Attempt, LightfieldError, Spent, one_line

BASES: dict[type[LightfieldError], tuple[type[BaseException], ...]] = {
    e.LightfieldError: (Exception,),
    e.LightfieldValueError: (e.LightfieldError, ValueError),
    e.LightfieldTypeError: (e.LightfieldError, TypeError),
    e.LightfieldUsageError: (e.LightfieldError, RuntimeError),
    e.ClientClosedError: (e.LightfieldUsageError,),
    e.WaitTimeoutError: (e.LightfieldError, TimeoutError),
    e.APIError: (e.LightfieldError,),
    e.APIConnectionError: (e.APIError,),
    e.APIProtocolError: (e.APIConnectionError,),
    e.APITimeoutError: (e.APIConnectionError,),
    e.APIResponseValidationError: (e.APIError,),
    e.APIStatusError: (e.APIError,),
    e.BadRequestError: (e.APIStatusError,),
    e.AuthenticationError: (e.APIStatusError,),
    e.PermissionDeniedError: (e.APIStatusError,),
    e.NotFoundError: (e.APIStatusError,),
    e.ConflictError: (e.APIStatusError,),
    e.UnprocessableEntityError: (e.APIStatusError,),
    e.RateLimitError: (e.APIStatusError,),
    e.InternalServerError: (e.APIStatusError,),
}
STATUSES = {
    400: e.BadRequestError,
    401: e.AuthenticationError,
    403: e.PermissionDeniedError,
    404: e.NotFoundError,
    409: e.ConflictError,
    422: e.UnprocessableEntityError,
    429: e.RateLimitError,
    500: e.InternalServerError,
    503: e.InternalServerError,
    504: e.InternalServerError,
    599: e.InternalServerError,
    999: e.InternalServerError,
    301: e.APIStatusError,
    402: e.APIStatusError,
    415: e.APIStatusError,
    418: e.APIStatusError,
    499: e.APIStatusError,
}
DETAILS = {"type": "bad_request", "message": "Unrecognized field.", "code": "unknown_field", "param": "fields.bogus"}
ATTEMPTS = (Attempt("reset", 0.25), Attempt("429", None))


def _filled(kind: type[LightfieldError]) -> LightfieldError:
    """Make an error of a class with every attribute set to something that is not its default."""
    if issubclass(kind, e.APIStatusError):
        headers = CIMultiDict({"Retry-After": "7"})
        error: LightfieldError = kind("no", status_code=418, body={"error": DETAILS}, headers=headers)
    else:
        error = kind("no")
    if isinstance(error, e.APIError):
        error.attempts, error.idempotency_key = ATTEMPTS, "key"
        error.retry_after, error.deadline_exceeded = 7.0, True
        error.spent, error.retry_budget_exhausted = Spent(0.5, 1.0, 0.25), True
        error.outcome_unknown = True
    if isinstance(error, e.APIConnectionError):
        error.sent, error.permanent = False, True
    if isinstance(error, e.APIResponseValidationError):
        error.status_code, error.body = 204, b"\xff"
    return error


def test_the_tree_is_the_documented_one() -> None:
    classes = {
        value
        for value in vars(e).values()
        if inspect.isclass(value) and issubclass(value, BaseException) and value.__module__ == e.__name__
    }
    assert {kind: kind.__bases__ for kind in classes} == BASES


@pytest.mark.parametrize("kind", BASES)
def test_the_tree_drawn_in_the_docstring_names_every_class(kind: type[LightfieldError]) -> None:
    assert f" {kind.__name__}" in (e.__doc__ or "")


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_each_status_has_its_class(status: int, kind: type[e.APIStatusError]) -> None:
    assert error_class(status) is kind


@pytest.mark.parametrize("kind", BASES)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_error_pickles_with_all_it_knows(kind: type[LightfieldError], protocol: int) -> None:
    error = _filled(kind)
    restored = pickle.loads(pickle.dumps(error, protocol))
    assert type(restored) is kind
    assert restored.args == error.args
    assert vars(restored) == vars(error)
    assert str(restored) == str(error)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"error": {"type": "not_here", "message": "Gone."}}', b'{"type": 5}']
)
@pytest.mark.parametrize("status", STATUSES)
def test_an_error_made_anew_from_its_args_has_its_status_and_type(status: int, body: bytes) -> None:
    error = status_error("GET /v1/accounts", Response(status, {}, body))
    again = type(error)(*error.args)
    assert (again.status_code, again.type, str(again)) == (status, error.type, str(error))
    assert (again.response.status_code, again.message) == (status, one_line(str(error)))


def _subclass(kind: type[e.APIStatusError]) -> type[e.APIStatusError]:
    """Make a class of a user's own."""
    own: type[e.APIStatusError] = type("Own", (kind,), {})
    return own


@pytest.mark.parametrize("kind", [kind for kind in BASES if issubclass(kind, e.APIStatusError)])
def test_an_error_made_by_hand_has_the_status_of_its_class(kind: type[e.APIStatusError]) -> None:
    lowest = min(status for status, each in STATUSES.items() if each is kind)
    own = 0 if kind is e.APIStatusError else lowest
    assert kind.status_code == own
    reworded: list[e.APIStatusError] = [kind("gone"), kind(f"context: {kind('404: gone')}"), _subclass(kind)("gone")]
    assert [error.status_code for error in reworded] == [own, own, own]
    assert [(error.type, error.message == str(error)) for error in reworded] == [(None, True)] * 3
    wrapping: Any = kind
    assert str(wrapping(e.ConflictError("gone"))) == "gone"
    assert kind("gone", status_code=418).status_code == 418


def test_a_class_has_no_status_that_it_does_not_stand_for() -> None:
    assert [kind("502 bad: gone").status_code for kind in (e.NotFoundError, e.APIStatusError)] == [404, 502]
    assert [e.InternalServerError(f"{text}: gone").status_code for text in ("404", "503", "x")] == [500, 503, 500]
    assert e.NotFoundError("gone", body={"type": "not_here"}).type == "not_here"


@pytest.mark.parametrize("kind", BASES)
def test_every_error_copies(kind: type[LightfieldError]) -> None:
    error = _filled(kind)
    assert vars(copy.copy(error)) == vars(error)
    assert vars(copy.deepcopy(error)) == vars(error)


def test_headers_stay_case_insensitive_after_pickling() -> None:
    error = pickle.loads(pickle.dumps(_filled(e.RateLimitError)))
    assert error.headers["retry-after"] == "7"


@pytest.mark.parametrize("body", [{"error": DETAILS}, DETAILS], ids=["nested", "flat"])
def test_both_body_shapes_fill_the_same_attributes(body: object) -> None:
    error = e.BadRequestError("no", status_code=400, body=body)
    assert (error.type, error.message) == ("bad_request", "Unrecognized field.")
    assert (error.code, error.param) == ("unknown_field", "fields.bogus")
    assert error.body is body


JUNK: list[object] = [
    None,
    5,
    True,
    [],
    [DETAILS],
    {},
    {"error": None},
    {"error": []},
    {"error": {}},
    {"error": {"type": 5, "message": ["x"], "code": {}, "param": None}},
    {"type": ["bad_request"], "message": 7},
]


@pytest.mark.parametrize("body", JUNK)
def test_junk_bodies_fill_nothing_and_break_nothing(body: object) -> None:
    error = e.InternalServerError("no", status_code=500, body=body)
    assert (error.type, error.code, error.param, error.message) == (None, None, None, "")
    assert error.body is body


def test_a_flat_body_whose_error_is_a_text_is_read_flat() -> None:
    assert error_details({"error": "boom", "message": "went wrong"})["message"] == "went wrong"


def test_a_body_of_text_is_the_message() -> None:
    assert e.InternalServerError("no", status_code=502, body="Bad\n Gateway").message == "Bad Gateway"


@pytest.mark.parametrize(
    ("attempts", "deadline", "budget", "text"),
    [
        ((), False, False, "no"),
        (ATTEMPTS[:1], False, False, "no"),
        (ATTEMPTS, False, False, "no (after 2 attempts)"),
        (ATTEMPTS, False, True, "no (after 2 attempts) (retry budget exhausted)"),
        (ATTEMPTS[:1], True, False, "no (deadline: 0.50 s queued, 1.00 s trying, 0.25 s pausing)"),
        (ATTEMPTS, True, False, "no (after 2 attempts) (deadline: 0.50 s queued, 1.00 s trying, 0.25 s pausing)"),
    ],
)
def test_the_text_tells_of_attempts_deadline_and_budget(
    attempts: tuple[Attempt, ...], deadline: bool, budget: bool, text: str
) -> None:
    error = e.APIConnectionError("no")
    error.attempts, error.deadline_exceeded, error.retry_budget_exhausted = attempts, deadline, budget
    error.spent = Spent(0.5, 1.0, 0.25)
    assert str(error) == text


@given(text=st.text(), most=st.integers(1, 80))
def test_one_line_gives_one_short_printable_line(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    assert line.isprintable()
    assert line == " ".join(line.split())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nb\tc", "a b c"),
        ("a\u2028b\x85c\x00d", "a b c d"),
        ("\x1b[31mred", "[31mred"),
        ("safe\u202eevil", "safe evil"),
        ("x" * 301, "x" * 299 + "…"),
        ("x" * 300, "x" * 300),
    ],
)
def test_one_line_of(text: str, line: str) -> None:
    assert one_line(text) == line


def test_what_an_error_says_unless_it_is_told_otherwise() -> None:
    error, lost, garbled = e.APIStatusError("no"), e.APITimeoutError("no"), e.APIResponseValidationError("no")
    assert (error.status_code, error.body, dict(error.headers)) == (0, None, {})
    assert (error.attempts, error.idempotency_key, error.retry_after, error.deadline_exceeded) == (
        (),
        None,
        None,
        False,
    )
    assert (lost.sent, lost.permanent) == (True, False)
    assert (garbled.status_code, garbled.body) == (200, b"")
