"""Whatever stands in an answer's headers, the client knows how long to wait, how fast to go, and what to say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from tests.fuzz.headers import check_headers

NAMES = ["Retry-After", "Date", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Location"]
DATES = [
    "Wed, 21 Oct 2026 07:28:00 GMT",
    "Wednesday, 21-Oct-26 07:28:00 GMT",
    "Wed Oct 21 07:28:00 2026",
    "Wed, 21 Oct 2026 07:28:00 -0000",
    "Wed, 21 Oct 2026 07:28:00 +9959",
    "Wed, 21 Oct 2026 07:28:00 +99999999999999999999",
    "Wed, 21 Oct 99999 07:28:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Mon, 01 Jan 0001 00:00:00 +2359",
    "Wed, 32 Foo 2026 25:61:61 GMT",
    *("Oct", ",", "1:2:3"),
]
NUMBERS = ["0", "-1", "1.5", "1e3", "nan", "inf", "soon", "0x10", "1_000", "+5", "1,2", "61", "10000", "10001", "9" * 9]
DIGITS = ["\N{ARABIC-INDIC DIGIT THREE}", "\N{FULLWIDTH DIGIT FIVE}", "\N{SUPERSCRIPT TWO}", "9" * 400, "9" * 5_000]
TEXTS = ["", " ", "https://x.invalid/\r\n?a#b", "\x00\xff\u2028", "x" * 10_000]
ODD = [*DATES, *NUMBERS, *DIGITS, *TEXTS]
texts = st.sampled_from(ODD) | st.text(max_size=40) | st.text("0123456789 :,+-.GMTWedOct", max_size=40)
repeatable = settings(derandomize=True, deadline=None, max_examples=200)
STATUSES = [200, 307, 400, 409, 429, 503]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", NAMES)
def test_a_header_may_hold_anything(name: str, status: int) -> None:
    for odd in ODD:
        check_headers(CIMultiDict({"Retry-After": DATES[0], "Date": DATES[1], name: odd}), status)


@repeatable
@given(headers=st.dictionaries(st.sampled_from(NAMES), texts), status=st.sampled_from(STATUSES))
def test_headers_may_hold_anything_together(headers: dict[str, str], status: int) -> None:
    check_headers(CIMultiDict(headers), status)
