"""Scripts as users write them with other libraries, which look at functions before they call them."""

import asyncio
import functools
import inspect
import pickle
import pickletools
from collections.abc import AsyncIterator, Callable, Generator
from types import FunctionType
from typing import Any, cast, get_type_hints
from unittest.mock import AsyncMock, MagicMock, create_autospec, patch

import msgspec
import pydantic
import pytest
from fastapi import BackgroundTasks, Depends, FastAPI

import lightfield
from lightfield import (
    APIResponse,
    AsyncAPIResponse,
    AsyncLightfield,
    BulkResult,
    F,
    Lightfield,
    LightfieldError,
    Outcome,
    Progress,
    RateLimits,
    Request,
    Timeout,
    errors,
)
from lightfield._operations.operation import Endpoint
from lightfield._operations.resource import Resource
from lightfield._protocol.decoding import Exchange
from lightfield.models import Opportunity
from lightfield.testing import Sandbox

FAST = RateLimits(read=10_000.0, write=10_000.0, search=10_000.0)
OPPORTUNITY = Opportunity(id="opp_1", created_at="2026-01-01T00:00:00Z", fields={}, relationships={})


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncLightfield]:
    async with AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=FAST) as client:
        yield client


async def post(app: FastAPI, path: str) -> int:
    """Send a request to an application, run its background tasks, and give the status."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [],
        "query_string": b"",
        "http_version": "1.1",
    }
    await app(scope, receive, send)
    return statuses[0]


async def test_a_background_task_of_fastapi_sends_the_write(client: AsyncLightfield, sandbox: Sandbox) -> None:
    app = FastAPI()

    @app.post("/calls")
    async def plan_call(tasks: BackgroundTasks) -> None:  # pyright: ignore[reportUnusedFunction]
        tasks.add_task(client.note.create, fields={"$title": "Call planned"})

    assert await post(app, "/calls") == 200
    assert [note["fields"]["$title"]["value"] for note in sandbox.records("notes").values()][-1] == "Call planned"


async def test_a_mock_with_a_spec_can_be_awaited(client: AsyncLightfield) -> None:
    opportunity = AsyncMock(spec=client.opportunity)
    opportunity.retrieve.return_value = OPPORTUNITY
    assert await opportunity.retrieve("opp_1") is OPPORTUNITY
    assert await opportunity.retrieve_many(["opp_1"]) is not None
    opportunity.retrieve.assert_awaited_once_with("opp_1")
    with pytest.raises(AttributeError):
        _ = opportunity.retreive


async def test_a_patched_operation_can_be_awaited(client: AsyncLightfield) -> None:
    with patch.object(client.opportunity, "retrieve", return_value=OPPORTUNITY) as retrieve:
        assert await client.opportunity.retrieve("opp_1") is OPPORTUNITY
    retrieve.assert_awaited_once_with("opp_1")
    with patch.object(client, "send", return_value=OPPORTUNITY):
        assert await client.send(client.plan.opportunity.retrieve("opp_1")) is OPPORTUNITY


@pytest.mark.parametrize("touched", [True, False], ids=["bound before", "bound while patched"])
async def test_a_patched_send_serves_every_operation_as_long_as_it_is_patched(
    client: AsyncLightfield, sandbox: Sandbox, *, touched: bool
) -> None:
    id = sandbox.opportunity_ids[0]
    if touched:
        await client.opportunity.retrieve(id)
        await client.opportunity.retrieve_many([id])
    sent = len(sandbox.requests)
    with patch.object(client, "send", return_value=OPPORTUNITY):
        assert await client.opportunity.retrieve(id) is OPPORTUNITY
        assert (await client.opportunity.retrieve_many([id])).values == [OPPORTUNITY]
    assert len(sandbox.requests) == sent
    assert (await client.opportunity.retrieve(id)).id == id
    assert (await client.opportunity.retrieve_many([id])).values[0].id == id


async def test_an_autospec_of_a_client_finds_its_operations(client: AsyncLightfield) -> None:
    mock = create_autospec(client)
    mock.opportunity.retrieve.return_value = OPPORTUNITY
    assert await mock.opportunity.retrieve("opp_1") is OPPORTUNITY
    assert isinstance(mock.task.create, AsyncMock)
    with pytest.raises(TypeError):
        mock.opportunity.retrieve()
    with pytest.raises(AttributeError):
        _ = mock.opportunity.retreive


def test_an_autospec_of_a_blocking_client_blocks() -> None:
    with Lightfield(api_key="sk_lf_sandbox") as client:
        mock = create_autospec(client)
        mock.opportunity.retrieve.return_value = OPPORTUNITY
        assert mock.opportunity.retrieve("opp_1") is OPPORTUNITY
        assert isinstance(mock.opportunity.retrieve, MagicMock)
        with pytest.raises(TypeError):
            mock.opportunity.retrieve()


class AsyncTenant(AsyncLightfield):
    """A client with state of its own."""

    def __init__(self, tenant: str, **options: Any) -> None:
        super().__init__(**options)
        self.tenant = tenant
        self.log: list[str] = []

    async def send(self, request: Request[Any]) -> Any:
        self.log.append(f"{self.tenant}: {request.path}")
        return await super().send(request)


async def test_a_subclass_keeps_its_state_in_siblings_and_bulks(sandbox: Sandbox) -> None:
    ids = sandbox.opportunity_ids[:3]
    async with AsyncTenant("north", api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=FAST) as client:
        await client.opportunity.retrieve(ids[0])
        await client.with_options(timeout=5).with_options(max_retries=0).opportunity.retrieve(ids[0])
        await client.opportunity.retrieve_many(ids)
        await client.bulk(map(client.plan.opportunity.retrieve, ids))
        async for _ in client.opportunity.list_all():
            pass
    assert client.with_options(timeout=5).tenant == "north"
    assert client.log[:8] == [f"north: /v1/opportunities/{id}" for id in (ids[0], ids[0], *ids, *ids)]
    assert client.log[8:] == ["north: /v1/opportunities"] * 2


class Tenant(Lightfield):
    """A blocking client with state of its own."""

    def __init__(self, tenant: str, **options: Any) -> None:
        super().__init__(**options)
        self.tenant = tenant
        self.log: list[str] = []

    @functools.cached_property
    def label(self) -> str:
        return f"{self.tenant} {id(self)}"

    def send(self, request: Request[Any]) -> Any:
        self.log.append(f"{self.tenant}: {request.path}")
        return super().send(request)

    def bulk(self, requests: Any, **options: Any) -> BulkResult[Any]:
        self.log.append(f"{self.tenant}: bulk")
        return super().bulk(requests, **options)


def test_a_blocking_subclass_keeps_its_state_in_siblings_and_bulks(sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    with Tenant("south", api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=FAST) as client:
        label = client.label
        sibling = client.with_options(timeout=5)
        assert sibling.opportunity.retrieve(id).id == id
        assert len(sibling.bulk([sibling.plan.opportunity.retrieve(id)]).values) == 1
        assert sibling.request("GET", "/v1/opportunities", category="Search") is not None
    assert sibling.log == [f"south: /v1/opportunities/{id}", "south: bulk", "south: /v1/opportunities"]
    assert sibling.label not in {label, ""}
    assert client.opportunity is client.opportunity is not sibling.opportunity


class Odd(AsyncLightfield):
    """A client that cannot be copied or pickled, refuses to be changed, and wraps a resource."""

    __slots__ = ("region", "zone")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        object.__setattr__(self, "region", "eu")
        self.sealed = True

    def __setattr__(self, name: str, value: object) -> None:
        if "sealed" in vars(self):
            raise AttributeError(name)
        super().__setattr__(name, value)

    def __copy__(self) -> Any:
        raise TypeError("no copies")

    def __getstate__(self) -> Any:
        raise TypeError("no pickles")

    @property
    def note(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        return super().note


async def test_a_sibling_needs_nothing_of_how_its_class_is_copied(sandbox: Sandbox) -> None:
    async with Odd(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=FAST) as client:
        assert client.note is client.note
        sibling = client.with_options(priority="bulk")
        assert (getattr(sibling, "region"), sibling.sealed) == ("eu", True)  # noqa: B009
        assert not hasattr(sibling, "zone")
        assert sibling is not client
        assert sibling.note is not client.note
        assert len((await client.opportunity.retrieve_many(sandbox.opportunity_ids[:2])).values) == 2


class Slotted(Lightfield):
    """A client whose one slot is named by a string, as Python allows."""

    __slots__ = "tenant"  # noqa: PLC0205
    tenant: str


def test_a_slot_named_by_a_string_is_kept() -> None:
    client = Slotted(api_key="sk_lf_sandbox")
    client.tenant = "north"
    assert client.with_options(timeout=5).tenant == "north"


async def test_a_bulk_sees_the_attributes_that_the_client_has_then(sandbox: Sandbox) -> None:
    ids = sandbox.opportunity_ids[:1]
    async with AsyncTenant("north", api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=FAST) as client:
        await client.opportunity.retrieve_many(ids)
        client.tenant = "south"
        await client.opportunity.retrieve_many(ids)
    assert [line.partition(":")[0] for line in client.log] == ["north", "south"]


async def test_a_partial_of_an_operation_is_awaited(client: AsyncLightfield, sandbox: Sandbox) -> None:
    retrieve = functools.partial(client.opportunity.retrieve, sandbox.opportunity_ids[0])
    assert inspect.iscoroutinefunction(retrieve)
    found = await asyncio.gather(*[asyncio.create_task(retrieve()) for _ in range(3)])
    assert [record.id for record in found] == sandbox.opportunity_ids[:1] * 3


def test_a_partial_of_a_blocking_operation_blocks(sandbox: Sandbox) -> None:
    with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=FAST) as client:
        create = functools.partial(client.note.create, fields={"$title": "Called"})
        assert create().text("$title") == "Called"


def resources(client: Any) -> dict[str, Resource[Any]]:
    """Give the resources of a client, by name."""
    found = {name: getattr(client, name, None) for name in dir(client) if not name.startswith(("_", "with_", "plan"))}
    return {name: value for name, value in found.items() if isinstance(value, Resource)}


def endpoints(client: Any) -> dict[str, tuple[Endpoint, Callable[..., Any]]]:
    """Give what can be called on the resources of a client, with how it is declared."""
    found: dict[str, tuple[Endpoint, Callable[..., Any]]] = {}
    custom: dict[str, Resource[Any]] = {"object.of": client.object.of("project"), "client": client}
    for name, resource in (resources(client) | custom).items():
        for attribute in dir(resource):
            declared = inspect.getattr_static(type(resource), attribute, None)
            if isinstance(declared, Endpoint):
                found[f"{name}.{attribute}"] = declared, getattr(resource, attribute)
    return found


def test_awaited_calls_are_coroutine_functions_and_asynchronous_generator_functions() -> None:
    client = AsyncLightfield(api_key="sk_lf_sandbox")
    found = endpoints(client)
    assert len(found) > 120
    for name, (declared, call) in found.items():
        iterates = type(declared).__name__ == "iteration"
        assert inspect.isasyncgenfunction(call) == iterates, name
        assert inspect.iscoroutinefunction(call) == (not iterates), name
    assert all(map(inspect.iscoroutinefunction, (client.send, client.bulk, client.aclose)))
    assert inspect.isasyncgenfunction(client.iter_bulk)


def test_blocking_and_planned_calls_are_plain_functions() -> None:
    client = Lightfield(api_key="sk_lf_sandbox")
    calls = [call for source in (client, client.plan) for _, call in endpoints(source).values()]
    for call in [*calls, client.send, client.bulk]:
        assert not inspect.iscoroutinefunction(call)
        assert not inspect.isasyncgenfunction(call)


@pytest.mark.parametrize("make", [AsyncLightfield, Lightfield])
def test_every_call_has_hints_a_signature_and_help(make: Callable[..., Any]) -> None:
    client = make(api_key="sk_lf_sandbox")
    for name, (declared, call) in [*endpoints(client).items(), *endpoints(client.plan).items()]:
        shown = declared.method.__annotations__.keys() - {"_"}
        assert get_type_hints(call).keys() == inspect.signature(call).parameters.keys() | {"return"} == shown
        assert "self" not in inspect.signature(call).parameters, name
        assert inspect.getdoc(call), name
        assert call.__name__ == name.rpartition(".")[2]
    assert get_type_hints(client.opportunity.retrieve)["return"] is Opportunity
    assert inspect.signature(client.opportunity.retrieve).return_annotation is Opportunity
    assert get_type_hints(Lightfield(api_key="k").opportunity.list_all)["return"] == Generator[Opportunity, None, None]
    raw = inspect.signature(client.opportunity.with_raw_response.retrieve)
    response: Any = AsyncAPIResponse if make is AsyncLightfield else APIResponse
    assert raw.return_annotation == response[Opportunity]


def test_every_public_class_has_hints_and_a_public_module() -> None:
    named = [getattr(lightfield, name) for name in lightfield.__all__]
    public = [found for found in named if isinstance(found, type | FunctionType) and found.__module__ != "builtins"]
    assert len(public) > 40
    for found in [*public, Sandbox, *(each for each in vars(errors).values() if isinstance(each, type))]:
        get_type_hints(found)
        get_type_hints(vars(found).get("__init__", found))
        assert not any(part.startswith("_") for part in found.__module__.split(".")), found


def full_error() -> LightfieldError:
    """Give an error with everything on it."""
    error = errors.NotFoundError("no", status_code=404, body={"type": "not_found"})
    error.response = lightfield.Response(404, {}, b"{}")
    error.attempts = (errors.Attempt("first", 0.5),)
    error.spent = errors.Spent(0.0, 1.0, 0.5)
    return error


def samples() -> list[object]:
    """Give one of each public class that can be pickled."""
    plan = AsyncLightfield(api_key="sk_lf_sandbox").plan
    request = plan.opportunity.retrieve("opp_1")
    response = lightfield.Response(200, {}, msgspec.json.encode(OPPORTUNITY))
    return [
        request,
        plan.opportunity.list(filters=[F("$amount") >= 1]),
        plan.note.create(fields={"$title": "a"}).keyed("key"),
        response,
        AsyncAPIResponse(Exchange(request, response, 0)),
        APIResponse(Exchange(request, response, 0)),
        OPPORTUNITY,
        Outcome("opp_1", OPPORTUNITY),
        BulkResult([OPPORTUNITY], {}),
        Progress(1, 0, None, 1.0, None),
        F("$name") == "a",
        RateLimits(),
        Timeout(),
        full_error(),
    ]


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: type(sample).__name__)
def test_a_pickle_names_no_private_module(sample: object) -> None:
    pickled = pickle.dumps(sample)
    strings = {argument for _, argument, _ in pickletools.genops(pickled) if isinstance(argument, str)}
    modules = {text for text in strings if text.startswith("lightfield")}
    assert modules
    assert not [name for name in modules if any(part.startswith("_") for part in name.split("."))]
    assert type(pickle.loads(pickled)) is type(sample)


def test_an_operation_is_a_dependency_or_a_route_and_validates_its_arguments(sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=FAST) as client:
        app = FastAPI()
        own_id = Depends(client.opportunity.retrieve)
        app.get("/dependent")(lambda found=own_id: found.id)
        app.get("/route", response_model=None)(client.auth.validate)
        paths = app.openapi()["paths"]
        assert [parameter["name"] for parameter in paths["/dependent"]["get"]["parameters"]] == ["id"]
        assert "parameters" not in paths["/route"]["get"]
        validated = pydantic.validate_call(client.opportunity.retrieve)
        assert validated(id=id).id == id
        with pytest.raises(pydantic.ValidationError):
            cast("Any", validated)(id=5)


def test_mocks_know_the_options_of_a_call() -> None:
    mock = create_autospec(Lightfield(api_key="k"))
    mock.opportunity.retrieve("opp_1", timeout=5)
    mock.opportunity.retrieve.assert_called_once_with(id="opp_1", timeout=5)
    with pytest.raises(AssertionError):
        mock.opportunity.retrieve.assert_called_once_with("opp_1", timeout=6)
    for wrong in ({"timeouts": 5}, {"limit": 1}):
        with pytest.raises(TypeError):
            mock.opportunity.retrieve("opp_1", **wrong)


def test_a_signature_binds_the_options_of_a_call() -> None:
    signature = inspect.signature(Lightfield(api_key="k").opportunity.retrieve)
    assert list(signature.parameters) == ["id"]
    assert signature.bind("opp_1", timeout=5).arguments == {"id": "opp_1", "timeout": 5}
    assert signature.bind_partial(extra_query={}).arguments == {"extra_query": {}}
    with pytest.raises(TypeError):
        signature.bind_partial(timeouts=5)
