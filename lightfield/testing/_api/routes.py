"""Routing of requests to operations.

A new operation is one line of the table in ``operations``, and one handler: a function from ``Call`` to a document.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import unquote

from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.body import Body
from lightfield.testing._http.errors import WireError, method_not_allowed, unknown_path
from lightfield.testing._http.query import Query

from .operations import Operation

if TYPE_CHECKING:
    from lightfield.testing._http.limits import Category


class Call(NamedTuple):
    """The input of a handler.

    Attributes:
        workspace: The state of the sandbox.
        params: The decoded parameters of the path.
        query: The decoded parameters of the query, in order.
        body: The undecoded body.
        origin: The scheme, host and port of the sandbox as used by the caller.
        scopes: What the key of the caller may do; everything if it is empty.
    """

    workspace: Workspace
    params: dict[str, str]
    query: Query = ()
    body: Body = Body()
    origin: str = ""
    scopes: frozenset[str] = frozenset()


Handler: TypeAlias = Callable[[Call], object]


class Route(NamedTuple):
    """An operation and what answers it; ``{name}`` in its path matches one segment, which is passed in ``params``."""

    operation: Operation
    handler: Handler


class Routes:
    """The operations by path; literal segments (``/definitions``) take precedence over parameters (``/{id}``)."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._methods: dict[str, dict[str, Route]] = {}
        self._templates: dict[str, list[str]] = {}
        for route in sorted(routes, key=lambda route: route.operation.path.count("{")):
            method, path = route.operation.method, route.operation.path
            if path not in self._methods:
                self._templates.setdefault(_prefix(path.split("/")), []).append(path)
            self._methods.setdefault(path, {})[method] = route

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route and parameters of a percent-encoded path; if there is none, a route that fails."""
        methods, params = self._match(path)
        if method in methods:
            return methods[method], params
        error = method_not_allowed(method, path, sorted(methods)) if methods else unknown_path(method, path)
        category: Category = "Read" if method in {"GET", "HEAD"} else "Write"
        return Route(Operation("", method, path, category), _failing(error)), params

    def _match(self, path: str) -> tuple[dict[str, Route], dict[str, str]]:
        segments = path.split("/")
        for template in self._templates.get(_prefix(segments), ()):
            params = _capture(template.split("/"), segments)
            if params is not None:
                return self._methods[template], params
        return {}, {}


def _prefix(segments: list[str]) -> str:
    return "/".join(segments[:3])  # "/v1/opportunities": every path begins with two literal segments


def _capture(template: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(template) != len(segments):
        return None
    params: dict[str, str] = {}
    for expected, segment in zip(template, segments, strict=True):
        if expected.startswith("{") and segment:
            params[expected[1:-1]] = unquote(segment)
        elif expected != segment:
            return None
    return params


def _failing(error: WireError) -> Handler:
    def refuse(_: Call) -> object:
        raise error

    return refuse
