"""Failures of calls in a task of Celery, as who asks for the result gets them: made anew from JSON, or unpickled."""

import sys
from importlib import import_module
from typing import Any

import pytest

from lightfield import APIStatusError, InternalServerError, Lightfield, NotFoundError
from tests.client.both import KEY
from tests.faults.server import ID, FaultServer, http

FAILURES: dict[int, type[APIStatusError]] = {402: APIStatusError, 404: NotFoundError, 503: InternalServerError}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Celery is not for Windows")


def result_of(status: int, serializer: str) -> Any:
    """Run a task that fails, and give its result from the store of results."""
    app: Any = import_module("celery").Celery(backend="cache+memory://", set_as_current=False)
    app.conf.update(task_always_eager=True, task_store_eager_result=True)
    app.conf.update(result_serializer=serializer, accept_content=[serializer])

    def fetch(url: str) -> str:
        with Lightfield(api_key=KEY, base_url=url, max_retries=0) as client:
            return client.opportunity.retrieve(ID).id

    body = {"error": {"type": "some_type", "code": "some_code", "message": "No."}}
    with FaultServer(http(status, body)) as server:
        stored = app.task(fetch, name="fetch", shared=False).delay(server.base_url)
    result = app.AsyncResult(stored.id)
    assert result.state == "FAILURE"
    return result


@pytest.mark.parametrize("serializer", ["json", "pickle"])
@pytest.mark.parametrize("status", FAILURES)
def test_the_error_of_a_task_has_its_class_status_and_type(status: int, serializer: str) -> None:
    with pytest.raises(FAILURES[status]) as caught:
        result_of(status, serializer).get()
    error = caught.value
    assert (type(error), error.status_code, error.type) == (FAILURES[status], status, "some_type")
    assert str(error) == f"{status} some_type: No. [GET /v1/opportunities/{ID}]"


def test_a_pickled_error_has_the_rest_too() -> None:
    with pytest.raises(NotFoundError) as caught:
        result_of(404, "pickle").get()
    assert (caught.value.code, caught.value.message, len(caught.value.attempts)) == ("some_code", "No.", 1)
