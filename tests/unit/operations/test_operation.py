"""Does a described method perform on its client, whatever the mode, and look like what it is?"""

import inspect
from collections.abc import AsyncGenerator, Callable
from types import MethodType
from typing import Any

import pytest
from msgspec.json import Decoder
from msgspec.structs import replace

from lightfield._operations.description import Description
from lightfield._operations.operation import iteration, operation, procedure
from lightfield._operations.performer import Sending, of_form
from lightfield._operations.resource import Awaits, Resource, view
from lightfield._operations.responses import AsyncAPIResponse
from lightfield._protocol.builders import get
from lightfield._protocol.request import Request
from lightfield.errors import LightfieldUsageError

DECODER: Decoder[dict[str, int]] = Decoder()


class Recorder(Sending):
    """Performs nothing, and remembers what it was asked to."""

    response = AsyncAPIResponse

    def __init__(self) -> None:
        self.performed: list[Request[Any]] = []

    def operation(self, describe: Description, /) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.performed.append(describe(args, kwargs))
            return self.performed[-1]

        return call

    def multi_request(self, resource: Any, method: Callable[..., Any], *, iterates: bool) -> Callable[..., Any]:  # noqa: ARG002
        return MethodType(method, resource)

    def __repr__(self) -> str:
        return f"<Recorder>{of_form(self.form)}"


class Things(Resource[Awaits]):
    """A resource."""

    with_raw_response: "view[Things]" = view("raw")

    @operation
    def one(self, id: str, *, limit: int = 5) -> Request[dict[str, int]]:
        """Fetch one thing."""
        return get(f"/v1/things/{id}", DECODER, "Read", f"limit={limit}")

    @procedure
    async def several(self, count: int) -> list[int]:
        """Do several requests."""
        return list(range(count))

    @iteration
    async def each(self, count: int) -> AsyncGenerator[int, None]:
        """Yield results one by one."""
        for number in range(count):
            yield number


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def things(recorder: Recorder) -> Things:
    return Things(recorder)


def test_calling_an_operation_performs_what_it_describes(recorder: Recorder, things: Things) -> None:
    result: object = things.one("a", limit=7)
    assert [repr(request) for request in recorder.performed] == ["<Request GET /v1/things/a?limit=7 (Read)>"]
    assert result is recorder.performed[0]


def test_calling_it_raw_performs_the_same_request_undecoded(recorder: Recorder, things: Things) -> None:
    _ = things.with_raw_response.one("a"), things.one("a")
    raw, usual = recorder.performed
    assert (raw.form, usual.form) == ("raw", "decoded")
    assert replace(raw, form="decoded") == usual


async def test_a_procedure_and_an_iteration_are_run_by_the_performer(things: Things) -> None:
    assert await things.several(3) == [0, 1, 2]
    assert [number async for number in things.each(3)] == [0, 1, 2]


@pytest.mark.parametrize("name", ["several", "each"])
def test_what_makes_several_requests_has_no_raw_response(things: Things, name: str) -> None:
    with pytest.raises(LightfieldUsageError, match=f"{name} makes several requests"):
        getattr(things.with_raw_response, name)(3)


@pytest.mark.parametrize("name", ["one", "several", "each"])
def test_a_call_looks_like_the_method_without_self(things: Things, name: str) -> None:
    method: Any = inspect.getattr_static(Things, name).method
    call: Any = getattr(things, name)
    assert (call.__name__, call.__doc__, call.__module__) == (name, method.__doc__, __name__)
    assert list(inspect.signature(call).parameters) == list(inspect.signature(method).parameters)[1:]


@pytest.mark.parametrize("name", ["one", "several", "each", "with_raw_response"])
def test_what_is_looked_up_is_bound_once_per_resource(recorder: Recorder, name: str) -> None:
    first, second = Things(recorder), Things(recorder)
    assert getattr(first, name) is getattr(first, name)
    assert getattr(first, name) is not getattr(second, name)


@pytest.mark.parametrize("name", ["one", "several", "each", "with_raw_response"])
def test_on_the_class_it_is_itself(name: str) -> None:
    found = getattr(Things, name)
    assert found is inspect.getattr_static(Things, name)
    assert found.__doc__


@pytest.mark.parametrize("wrong", [{}, {"limit": 5}, {"id": "a", "page": 2}])
def test_wrong_arguments_are_refused_at_the_call(recorder: Recorder, things: Things, wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        _ = things.one(**wrong)
    assert recorder.performed == []


def test_a_resource_says_whose_it_is(things: Things) -> None:
    assert repr(things) == "<Things of <Recorder>>"
    assert repr(things.with_raw_response) == "<Things of <Recorder> of raw responses>"
