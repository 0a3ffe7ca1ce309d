"""Every documented answer is understood, by both clients; and so is one that the API may give one day."""

from operator import attrgetter
from typing import Any

import pytest

from tests.contract.build import NEW_KEY, VARIANTS, Variant, documents, misfits
from tests.contract.calls import Call, calls
from tests.contract.conftest import RAW, STREAMING, Perform, Undecoded
from tests.contract.facts import OPERATIONS, SHAPES, Operation
from tests.contract.server import Answering

every_operation = pytest.mark.parametrize("fact", OPERATIONS, ids=attrgetter("operation"))
KNOWN: list[Variant] = [variant for variant in VARIANTS if variant != "new"]


def call_of(fact: Operation) -> Call:
    return next(call for call in calls(fact) if call.manner == "bare")


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_built_documents_are_of_their_shape(shape: str) -> None:
    built = [document for variant in KNOWN for document in documents(shape, variant)]
    assert built
    assert [misfit for document in built for misfit in misfits(document, shape)] == []


@every_operation
@pytest.mark.parametrize("variant", KNOWN)
def test_answer_is_kept_as_it_came(fact: Operation, variant: Variant, perform: Perform, server: Answering) -> None:
    for document in documents(fact.response, variant):
        server.document = document
        assert perform(call_of(fact)).to_dict() == document


@every_operation
def test_answer_may_hold_what_nobody_knows_yet(fact: Operation, perform: Perform, server: Answering) -> None:
    for document in documents(fact.response, "new"):
        server.document = document
        assert known(perform(call_of(fact)).to_dict()) == known(document)


def known(document: Any) -> Any:
    """Leave out the keys that nobody knows yet."""
    items: Any = document
    if isinstance(document, dict):
        return {key: known(items[key]) for key in items if key != NEW_KEY}
    return [known(item) for item in items] if isinstance(document, list) else document


@every_operation
@pytest.mark.parametrize("view", [RAW, STREAMING])
def test_undecoded_answer_parses_to_the_same_result(
    fact: Operation, view: str, perform: Perform, server: Answering
) -> None:
    call = call_of(fact)
    for document in documents(fact.response, "full"):
        server.document = document
        server.received.clear()
        response: Undecoded = perform(call, view, extra_headers={"X-Trace": "t"})
        received = server.take()
        assert (response.status_code, response.was_closed, response.is_closed) == (200, view == RAW, True)
        assert response.parsed == perform(call)
        sent = response.http_request
        assert (sent.method, sent.headers["x-trace"], "authorization" in sent.headers) == (fact.method, "t", False)
        assert (received.headers["x-trace"], received.path) == ("t", call.path)
        assert sent.url.endswith(call.path + f"?{received.query}" * bool(received.query))
