"""How often is a failed call attempted, and after which waits? On a virtual clock, without sleeping."""

import errno
import logging
import re
import sys

import msgspec
import pytest
from msgspec.structs import replace

from lightfield import APIConnectionError
from lightfield._protocol.headers import Headers
from lightfield._protocol.request import RetrySafety
from lightfield.errors import Attempt
from tests.clock import START, run
from tests.unit.retry.scripted import Failure, Server, a_call, garbled, lost, refused, stale, unsent


def test_the_first_success_is_the_result() -> None:
    server, call = Server(lost, refused(503), None), a_call()
    assert run(server.serve(call)) == "result"
    assert (len(server.times), call.retries) == (3, 2)


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        (lost, 4),
        (unsent, 4),
        (refused(500), 4),
        (refused(408), 4),
        (refused(409, type="idempotency_conflict"), 4),
        (refused(429), 11),
        (garbled, 2),
        (refused(404), 1),
        (refused(409, type="conflict"), 1),
        (refused(501), 1),
    ],
)
@pytest.mark.parametrize("max_retries", [0, 1, 3, 20])
def test_each_class_of_failure_has_its_number_of_attempts(failure: Failure, attempts: int, max_retries: int) -> None:
    server, call = Server(failure), a_call(max_retries=max_retries)
    error = server.refuse(call)
    expected = {1: 1, 2: 1 + min(max_retries, 1), 4: 1 + max_retries, 11: 1 + (max_retries and max(max_retries, 10))}
    assert len(server.times) == expected[attempts]
    assert len(error.attempts) == expected[attempts]
    assert call.retries == expected[attempts] - 1


def test_throttled_attempts_are_counted_apart() -> None:
    failures = [lost, *[refused(429)] * 5, lost, *[refused(429)] * 5, lost, None]
    assert run(Server(*failures).serve(a_call())) == "result"
    assert len(Server(*failures[:-1], refused(429)).refuse(a_call()).attempts) == 14


def test_malformed_responses_are_counted_apart() -> None:
    assert run(Server(lost, garbled, lost, lost, None).serve(a_call())) == "result"
    assert len(Server(garbled, lost, garbled).refuse(a_call()).attempts) == 3


@pytest.mark.parametrize("max_retries", [0, 1, 3, 20])
def test_the_first_stale_connection_is_counted_apart(max_retries: int) -> None:
    error = Server(stale).refuse(a_call(max_retries=max_retries))
    assert len(error.attempts) == (2 + max_retries if max_retries else 1)
    assert run(Server(lost, stale, lost, lost, None).serve(a_call())) == "result"


def test_a_stale_connection_is_made_up_for_at_once_on_a_new_one() -> None:
    server = Server(lost, stale, lost, stale, None)
    assert run(server.serve(a_call())) == "result"
    assert server.reuse == ["any", "any", "none", "none", "none"]
    assert [wait == 0 for wait in server.waits] == [False, True, False, False]


@pytest.mark.parametrize(("asked", "attempts"), [(None, 1), (0.0, 11), (1.0, 11)])
def test_an_operations_own_limit_is_waited_for_only_if_its_end_is_announced(asked: float | None, attempts: int) -> None:
    call = a_call("with_key")
    call.request = msgspec.structs.replace(call.request, own_rate_limit=True)
    assert len(Server(refused(429, asked)).refuse(call).attempts) == attempts


def test_all_other_failures_are_counted_together() -> None:
    server = Server(lost, unsent, refused(409, type="idempotency_conflict"), lost, None)
    assert len(server.refuse(a_call()).attempts) == 4


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        (lost, 1),
        (stale, 1),
        (refused(500), 1),
        (garbled, 1),
        (unsent, 4),
        (refused(429), 11),
        (refused(409, type="idempotency_conflict"), 4),
    ],
)
@pytest.mark.parametrize("safety", ["never", "with_callers_key"])
def test_what_must_not_be_repeated_is_tried_again_only_if_it_surely_was_not_done(
    failure: Failure, attempts: int, safety: RetrySafety
) -> None:
    server = Server(failure)
    server.refuse(a_call(safety))
    assert len(server.times) == attempts


def test_a_write_with_a_key_is_tried_again_and_its_error_tells_the_key() -> None:
    call = a_call("with_key")
    call.headers = Headers({"Idempotency-Key": "key-1"})
    error = Server(lost).refuse(call)
    assert (len(error.attempts), error.idempotency_key) == (4, "key-1")


def test_an_error_tells_what_was_sent_without_what_the_caller_added() -> None:
    call = a_call("with_key")
    call.request = replace(call.request, query="a=1")
    bare = Server(lost).refuse(a_call("with_key")).request
    call.headers = Headers({"Content-Type": "application/json", "Idempotency-Key": "key-1", "X-Token": "sesame"})
    sent = Server(lost).refuse(call).request
    url = call.config.base_url + call.request.path
    assert (bare.method, bare.url, bare.headers) == (call.request.method, url, {})
    assert (sent.method, sent.url) == (call.request.method, f"{url}?a=1")
    assert sent.headers == {"Content-Type": "application/json", "Idempotency-Key": "key-1"}


def test_waits_grow_and_are_recorded() -> None:
    server = Server(lost)
    error = server.refuse(a_call(max_retries=8))
    assert all(wait <= min(8.0, 0.5 * 2**number) for number, wait in enumerate(server.waits))
    assert [round(attempt.wait or 0.0, 6) for attempt in error.attempts[:-1]] == [round(w, 6) for w in server.waits]
    assert error.attempts[-1] == ("connection lost", None)


@pytest.mark.parametrize("failure", [refused(429), refused(409, type="idempotency_conflict")], ids=["429", "409"])
def test_whoever_came_too_early_waits_at_least_twice_as_long_each_time(failure: Failure) -> None:
    waits = Server(failure).refuse(a_call(max_retries=10)).attempts[:-1]
    assert all((attempt.wait or 0.0) >= min(8.0, 0.5 * 2**number) for number, attempt in enumerate(waits))
    assert len(waits) == 10


def test_an_error_tells_where_the_time_went() -> None:
    call = a_call()
    call.started_at, call.queued = START - 2.0, 2.0
    error = Server(lost, takes=1.0).refuse(call)
    pausing = sum(attempt.wait or 0.0 for attempt in error.attempts)
    assert error.spent == pytest.approx((2.0, 4.0, pausing))


@pytest.mark.parametrize("status", [429, 503, 409])
@pytest.mark.parametrize("asked", [2.5, 60.0])
def test_retry_after_is_obeyed(status: int, asked: float) -> None:
    server = Server(refused(status, asked, "idempotency_conflict"), None)
    assert run(server.serve(a_call())) == "result"
    assert asked - 1e-6 <= server.waits[0] <= asked * 1.25


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asked", [60.5, 3600.0, 1e12])
def test_a_longer_retry_after_is_left_to_the_caller_at_once(status: int, asked: float) -> None:
    server = Server(refused(status, asked))
    error = server.refuse(a_call())
    assert (len(server.times), error.retry_after, error.deadline_exceeded) == (1, asked, False)


def test_each_retry_is_logged_on_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "lightfield")
    Server(lambda: APIConnectionError("line\r\nbreak")).refuse(a_call(max_retries=2))
    for number, record in enumerate(caplog.records, 1):
        assert re.fullmatch(rf"Retry {number} in [0-9]\.[0-9]{{2}} s: line break", record.getMessage())
    assert len(caplog.records) == 2


class NoDescriptors:
    """Finds no module, for want of a file descriptor."""

    def find_spec(self, *_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")


def test_where_retries_cannot_be_loaded_the_first_failure_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tenacity")
    monkeypatch.setattr(sys, "meta_path", [NoDescriptors()])
    server = Server(lost, None)
    error = server.refuse(a_call())
    assert (str(error), error.attempts) == ("connection lost", (Attempt("connection lost", None),))
    assert len(server.times) == 1
