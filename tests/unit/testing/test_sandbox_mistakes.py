"""Is a mistake in a test's own code told where it is made, and does the message say what to do?"""

from typing import Any

import pytest

from lightfield.testing import Sandbox


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"oportunities": 3}, TypeError, "there is no option 'oportunities'; did you mean opportunities"),
        ({"xyz": 3}, TypeError, "there is no option 'xyz'$"),
        ({"keys": ["sk_reader"]}, TypeError, "keys must be a mapping of keys to their scopes, not list"),
        ({"store": ":memory:"}, ValueError, "store must be the path of a file, not ':memory:'"),
        ({"store": ""}, ValueError, "store must be the path of a file, not ''"),
        ({"store": 3}, TypeError, "store must be the path of a file, not int"),
    ],
)
def test_option_that_cannot_work_is_refused(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Sandbox(**options)


def test_unknown_collection_is_refused() -> None:
    sandbox = Sandbox(opportunities=0)
    for look in (sandbox.records, sandbox.ids, sandbox.trash, sandbox.definitions):
        with pytest.raises(ValueError, match="there is no collection 'account'; did you mean accounts"):
            look("account")


def test_condition_of_a_fault_is_a_function() -> None:
    only: Any = "opp_1"
    with pytest.raises(TypeError, match="only must be a function that takes a request, not str"):
        Sandbox(opportunities=0).fail(status=503, only=only)


def test_fault_tells_what_it_is_and_how_often_it_was_hit() -> None:
    sandbox = Sandbox(opportunities=0)
    assert repr(sandbox.fail("account.create", status=503)) == "<Fault account.create, 503: 0 of 1 hits>"
    assert repr(sandbox.fail(with_="reset", times=None)) == "<Fault *, reset: 0 of any number of hits>"
    assert repr(sandbox.chaos(0.05)) == "<Fault chaos, 0.05 of all requests: 0 of any number of hits>"
