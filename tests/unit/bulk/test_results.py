"""Does a result raise what failed, and say of which id it is?"""

import traceback

import pytest

from lightfield import BulkResult, LightfieldValueError, NotFoundError


def broken() -> BulkResult[str]:
    errors = {"opp_1": NotFoundError("gone", status_code=404), "7": LightfieldValueError("bad")}
    return BulkResult(["a", "b", "c"], {**errors})


def test_a_result_without_errors_gives_itself() -> None:
    result = BulkResult(["a"], {})
    assert result.raise_for_errors() is result


def test_failures_are_raised_as_one_group() -> None:
    result = broken()
    with pytest.raises(ExceptionGroup, match="2 of 5 failed") as caught:
        result.raise_for_errors()
    assert caught.value.exceptions == tuple(result.errors.values())


def test_each_member_says_once_which_id_it_is_of() -> None:
    result = broken()
    with pytest.raises(ExceptionGroup):
        result.raise_for_errors()
    with pytest.raises(ExceptionGroup) as caught:
        result.raise_for_errors()
    text = "".join(traceback.format_exception(caught.value))
    assert (text.count("id: opp_1"), text.count("id: 7")) == (1, 1)


def test_members_are_caught_by_their_class() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        broken().raise_for_errors()
    gone, rest = caught.value.split(NotFoundError)
    assert [str(error) for part in (gone, rest) if part for error in part.exceptions] == ["gone", "bad"]
