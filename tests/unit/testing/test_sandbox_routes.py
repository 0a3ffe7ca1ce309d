"""Does the sandbox find the operation that a request names?"""

import pytest

from lightfield.testing._api.operations import Operation
from lightfield.testing._api.routes import Call, Route, Routes
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.errors import WireError

CALL = Call(Workspace((), {}), {})


def _named(name: str, method: str, path: str) -> Route:
    def handler(_: Call) -> str:
        return name

    return Route(Operation(name, method, path, "Search" if name == "list" else "Read"), handler)


ROUTES = Routes(
    [
        _named("retrieve", "GET", "/v1/things/{id}"),
        _named("update", "POST", "/v1/things/{id}"),
        _named("list", "GET", "/v1/things"),
        _named("definitions", "GET", "/v1/things/definitions"),
        _named("history", "GET", "/v1/things/{id}/fields/{fieldKey}/history"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "name", "params"),
    [
        ("GET", "/v1/things", "list", {}),
        ("GET", "/v1/things/thg_1", "retrieve", {"id": "thg_1"}),
        ("POST", "/v1/things/thg_1", "update", {"id": "thg_1"}),
        ("GET", "/v1/things/definitions", "definitions", {}),
        ("GET", "/v1/things/a%2Fb%20%C3%A9", "retrieve", {"id": "a/b é"}),
        ("GET", "/v1/things/x/fields/%24stage/history", "history", {"id": "x", "fieldKey": "$stage"}),
    ],
)
def test_path_leads_to_its_operation(method: str, path: str, name: str, params: dict[str, str]) -> None:
    route, found = ROUTES.find(method, path)
    assert route.handler(CALL) == name
    assert found == params


def test_route_keeps_its_category() -> None:
    assert ROUTES.find("GET", "/v1/things")[0].operation.category == "Search"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/v1",
        "/v1/",
        "/v1/thing",
        "/v1/things/",
        "/v1/things/x/",
        "/v1/things/x/fields//history",
        "*",
    ],
)
def test_unknown_path_is_a_404(path: str) -> None:
    route, params = ROUTES.find("GET", path)
    with pytest.raises(WireError) as caught:
        route.handler(CALL)
    assert caught.value.status == 404
    assert params == {}


def test_known_path_with_another_method_is_a_405_that_names_the_methods() -> None:
    route, _ = ROUTES.find("DELETE", "/v1/things/thg_1")
    with pytest.raises(WireError) as caught:
        route.handler(CALL)
    assert caught.value.status == 405
    assert caught.value.headers == {"Allow": "GET, POST"}


@pytest.mark.parametrize(
    ("method", "category"), [("GET", "Read"), ("HEAD", "Read"), ("POST", "Write"), ("DELETE", "Write")]
)
def test_request_without_an_operation_counts_by_its_method(method: str, category: str) -> None:
    assert ROUTES.find(method, "/v1/nothing")[0].operation.category == category
