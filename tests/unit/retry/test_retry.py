"""What is tried again, and after how long? The policy, as plain functions."""

import datetime as dt
import email.utils
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from lightfield import APIConnectionError, APIError, APIResponseValidationError, APITimeoutError
from lightfield._protocol.decoding import error_class
from lightfield._protocol.retry_after import retry_after
from lightfield._retry.failures import Kind, classify
from lightfield._retry.policy import backoff
from tests.unit.retry.scripted import stale

STATUSES: dict[int, Kind] = {
    **dict.fromkeys([301, 302, 307, 400, 401, 403, 404, 409, 410, 415, 418, 422, 499, 501, 505, 600, 999], "final"),
    **dict.fromkeys([408, 425, 500, 502, 503, 504, 507, 520, 522, 529, 530, 599], "transient"),
    429: "throttled",
}
NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
KINDS: list[Kind] = ["unsent", "throttled", "in_progress", "transient", "malformed"]


def refused(status: int, type: str = "", **headers: str) -> APIError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return error_class(status)("no", status_code=status, body={"type": type}, headers=CIMultiDict(named))


def connection(sent: bool, permanent: bool = False, kind: type[APIConnectionError] = APIConnectionError) -> APIError:
    error = kind("no")
    error.sent, error.permanent = sent, permanent
    return error


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_each_status_falls_into_its_class(status: int, kind: Kind) -> None:
    assert classify(refused(status)) == kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refused(409, "idempotency_conflict"), "in_progress"),
        (refused(409, "conflict"), "final"),
        (connection(sent=False), "unsent"),
        (connection(sent=True), "transient"),
        (stale(), "stale"),
        (connection(sent=False, permanent=True), "final"),
        (connection(sent=True, permanent=True), "final"),
        (connection(sent=True, kind=APITimeoutError), "transient"),
        (connection(sent=False, kind=APITimeoutError), "unsent"),
        (APIResponseValidationError("no"), "malformed"),
        (APIError("no"), "final"),
    ],
)
def test_each_failure_falls_into_its_class(error: APIError, kind: Kind) -> None:
    assert classify(error) == kind


@pytest.mark.parametrize(
    ("status", "hint", "kind"),
    [
        (400, "true", "transient"),
        (404, "false", "final"),
        (500, "false", "final"),
        (503, "true", "transient"),
        (429, "false", "final"),
        (429, "true", "throttled"),
        (500, "perhaps", "transient"),
    ],
)
def test_the_servers_hint_goes_before_the_table(status: int, hint: str, kind: Kind) -> None:
    assert classify(refused(status, x_should_retry=hint)) == kind


SECONDS = st.floats(0, 60)
DRAWS = st.floats(0, 1, exclude_max=True)


@given(kind=st.sampled_from(KINDS), number=st.integers(1, 5_000), asked=SECONDS, draw=DRAWS)
def test_a_wait_is_never_shorter_than_asked_and_never_absurd(
    kind: Kind,
    number: int,
    asked: float,
    draw: float,
) -> None:
    wait = backoff(kind, number, asked, lambda: draw)
    assert wait >= asked
    assert wait <= max(8.0, asked) * 1.25


@given(number=st.integers(1, 50), draw=DRAWS)
def test_transient_waits_are_drawn_from_all_of_a_range_that_doubles_up_to_eight_seconds(
    number: int, draw: float
) -> None:
    assert backoff("transient", number, 0.0, lambda: draw) == draw * min(8.0, 0.25 * 2**number)


@given(number=st.integers(1, 50), draw=DRAWS)
def test_a_stale_connection_calls_for_no_wait(number: int, draw: float) -> None:
    assert backoff("stale", number, 0.0, lambda: draw) == 0


@given(number=st.integers(1, 50), asked=SECONDS, draw=DRAWS, kind=st.sampled_from(["throttled", "in_progress"]))
def test_throttled_waits_only_add_to_what_is_asked(number: int, asked: float, draw: float, kind: Kind) -> None:
    least = max(asked, min(8.0, 0.5 * 2 ** (number - 1)))
    wait = backoff(kind, number, asked, lambda: draw)
    assert least <= wait
    assert abs(wait - least - draw * max(0.25, least / 4)) < 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_waits_differ_from_call_to_call(kind: Kind) -> None:
    assert len({backoff(kind, 3, 0.0) for _ in range(50)}) > 40


SERVER_DATE = email.utils.format_datetime(NOW, usegmt=True)
TABLE: dict[str, float | None] = {
    **{text: float(text) for text in ("0", "1", "60", "1.5", "0.25", " 5 ", "007", "3600", "999999999")},
    **dict.fromkeys(["", " ", "soon", "nan", "NaN", "inf", "-inf", "infinity", "-1", "+1", "1e3", "0x10", "1_0"]),
    **dict.fromkeys(["1, 2", "1 2", "1;2", "1.", ".5", "1.5.2", "1,5", "\uff11\uff12", "\u0661", "1" * 30, "5s"]),
    **dict.fromkeys(["Mon", "2026-11-23", "2026-11-23T12:00:00Z", "12:00:00", "Mon, 31 Feb 2026 25:00:00 GMT"]),
    **dict.fromkeys(["Fri, 31 Dec 99999 23:59:59 GMT"]),
    "Mon, 23 Nov 2026 12:00:10 GMT": 10.0,
    "Mon, 23 Nov 2026 14:00:10 +0200": 10.0,
    "Monday, 23-Nov-26 12:00:10 GMT": 10.0,
    "Mon Nov 23 12:00:10 2026": 10.0,
    "Mon, 23 Nov 2026 11:59:00 GMT": 0.0,
    "Thu, 01 Jan 1970 00:00:00 GMT": 0.0,
    "Sun, 06 Nov 1994 08:49:37 -0000": 0.0,
}


@pytest.mark.parametrize(("text", "seconds"), TABLE.items())
def test_retry_after_is_read_in_every_documented_form_and_no_other(text: str, seconds: float | None) -> None:
    assert retry_after(CIMultiDict({"Retry-After": text, "Date": SERVER_DATE})) == seconds


def test_retry_after_is_absent_where_there_is_none() -> None:
    assert retry_after({}) is None
    assert retry_after({"Date": SERVER_DATE}) is None


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}, {"Date": ""}], ids=["missing", "junk", "empty"])
@pytest.mark.parametrize("offset", [-3600, 3600])
def test_without_a_usable_date_header_a_date_counts_from_the_local_clock(headers: dict[str, str], offset: int) -> None:
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=offset)
    seconds = retry_after({"Retry-After": email.utils.format_datetime(moment, usegmt=True), **headers})
    assert seconds is not None
    assert max(0, offset) - 5 < seconds <= max(0, offset)


@pytest.mark.parametrize("skew", [-3600, 0, 3600])
def test_a_wrong_local_clock_does_not_matter_when_the_server_tells_its_own(skew: int) -> None:
    server = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=skew)
    texts = [email.utils.format_datetime(server + dt.timedelta(seconds=plus), usegmt=True) for plus in (0, 30)]
    assert retry_after({"Date": texts[0], "Retry-After": texts[1]}) == 30.0


@given(
    text=st.text(max_size=40)
    | st.datetimes().map(email.utils.format_datetime)
    | st.from_regex(r"[0-9A-Za-z:, +-]{1,32}"),
    date=st.text(max_size=40) | st.datetimes().map(email.utils.format_datetime),
)
def test_whatever_the_headers_say_the_answer_is_none_or_finite_seconds(text: str, date: str) -> None:
    seconds: Any = retry_after({"Retry-After": text, "Date": date})
    assert seconds is None or 0.0 <= seconds < float("inf")
