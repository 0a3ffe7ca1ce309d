"""Whatever a server sends becomes a value or a LightfieldError, and a value can be used in every way."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from lightfield._protocol.response import Response
from tests.fuzz.mutations import FRAGMENTS, kinds_of_places, places, replaced, slim, spoilt_bytes, without
from tests.fuzz.reading import REFUSALS, answers, use

ANSWERS = answers()
ONE, _ = ANSWERS["OpportunityRestoreResponse"]
every_type = pytest.mark.parametrize("name", ANSWERS)
every_fragment = pytest.mark.parametrize("fragment", FRAGMENTS.values(), ids=FRAGMENTS)
repeatable = settings(derandomize=True, deadline=None, max_examples=25)


def success(content: bytes) -> Response:
    return Response(200, CIMultiDict(), content)


@every_type
def test_valid_answers_can_be_used(name: str) -> None:
    request, documents = ANSWERS[name]
    for document in documents:
        assert use(request, success(msgspec.json.encode(document))) is not None


@every_type
def test_an_answer_may_hold_anything_anywhere_or_lack_it(name: str) -> None:
    request, documents = ANSWERS[name]
    document = slim(documents[0])
    for path in kinds_of_places(document):
        spoilt = [replaced(document, path, msgspec.Raw(fragment)) for fragment in FRAGMENTS.values()]
        for each in [*spoilt, without(document, path) if path else None]:
            use(request, success(msgspec.json.encode(each)))


@every_type
@repeatable
@given(data=st.data())
def test_an_answer_may_be_spoilt_in_several_ways(name: str, data: st.DataObject) -> None:
    request, documents = ANSWERS[name]
    use(request, success(_spoilt(documents, data)))


@pytest.mark.parametrize("status", [301, 400, 401, 404, 409, 422, 429, 500, 503])
@repeatable
@given(data=st.data())
def test_a_refusal_may_be_spoilt_in_several_ways(status: int, data: st.DataObject) -> None:
    content = _spoilt(REFUSALS, data)
    assert use(ONE, Response(status, CIMultiDict(), content)) is None


def _spoilt(documents: list[Any], data: st.DataObject) -> bytes:
    return spoilt_bytes(documents, lambda most: data.draw(st.integers(0, most)))


@every_fragment
@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_refusal_may_hold_anything_anywhere(status: int, fragment: bytes) -> None:
    for document in REFUSALS:
        for path in places(document):
            content = msgspec.json.encode(replaced(document, path, msgspec.Raw(fragment)))
            assert use(ONE, Response(status, CIMultiDict(), content)) is None
