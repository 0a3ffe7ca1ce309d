"""What the last error of a call says about all of its attempts: was it sent, and may it have taken effect?"""

import pytest

from lightfield import APIConnectionError
from tests.unit.retry.scripted import Failure, Server, a_call, garbled, lost, refused, stale, unsent

IN_PROGRESS = refused(409, type="idempotency_conflict")
UNKNOWN = [lost, stale, garbled, IN_PROGRESS, *(refused(status) for status in [408, 500, 501, 503, 599])]
CLEAR = [unsent, *(refused(status) for status in [307, 400, 404, 409, 425, 429])]


@pytest.mark.parametrize(
    ("failures", "sent"),
    [
        ([unsent], False),
        ([lost], True),
        ([unsent, unsent], False),
        ([lost, unsent], True),
        ([stale, unsent], True),
        ([refused(429), unsent], True),
    ],
)
def test_it_was_sent_if_any_attempt_was(failures: list[Failure], sent: bool) -> None:
    error = Server(*failures).refuse(a_call(max_retries=len(failures) - 1))
    assert isinstance(error, APIConnectionError)
    assert error.sent is sent


@pytest.mark.parametrize(
    ("failures", "unknown"),
    [
        *(([failure], True) for failure in UNKNOWN),
        *(([failure], False) for failure in CLEAR),
        ([unsent, refused(400)], False),
        ([lost, unsent], True),
        ([lost, refused(403)], True),
        ([refused(503), refused(404)], True),
        ([refused(429), refused(422)], False),
    ],
)
def test_its_outcome_is_unknown_if_that_of_any_attempt_is(failures: list[Failure], unknown: bool) -> None:
    assert Server(*failures).refuse(a_call(max_retries=len(failures) - 1)).outcome_unknown is unknown
