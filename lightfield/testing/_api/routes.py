"""Which operation does a request name?

A new operation is one handler, a function from ``Call`` to a document, and one ``Route`` that names it.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote

from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.body import Body
from lightfield.testing._http.errors import WireError, no_method, no_path
from lightfield.testing._http.limits import Category
from lightfield.testing._http.query import Query


class Call(NamedTuple):
    """What a handler is given.

    Attributes:
        workspace: What the sandbox knows.
        params: The decoded parameters of the path.
        query: The decoded parameters of the query, in order.
        body: The body, unread.
        origin: The address under which the caller reached the sandbox.
    """

    workspace: Workspace
    params: dict[str, str]
    query: Query = ()
    body: Body = Body()
    origin: str = ""


Handler: TypeAlias = Callable[[Call], object]


class Route(NamedTuple):
    """One operation: ``{name}`` in the path stands for one segment, which the handler finds in ``params``.

    An ``idempotent`` one answers a repeated ``Idempotency-Key`` with its first answer.
    """

    method: str
    path: str
    category: Category
    handler: Handler
    idempotent: bool = False


class Routes:
    """The operations by path; a literal segment (``/definitions``) goes before a parameter (``/{id}``)."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._methods: dict[str, dict[str, Route]] = {}
        self._templates: dict[str, list[str]] = {}
        for route in sorted(routes, key=lambda route: route.path.count("{")):
            if route.path not in self._methods:
                self._templates.setdefault(_collection(route.path.split("/")), []).append(route.path)
            self._methods.setdefault(route.path, {})[route.method] = route

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return a percent-encoded path's route and parameters; where there is none, a route that says so."""
        offered, params = self._match(path)
        if method in offered:
            return offered[method], params
        error = no_method(method, path, sorted(offered)) if offered else no_path(method, path)
        return Route(method, path, "Read" if method in {"GET", "HEAD"} else "Write", _raising(error)), params

    def _match(self, path: str) -> tuple[dict[str, Route], dict[str, str]]:
        segments = path.split("/")
        for template in self._templates.get(_collection(segments), ()):
            params = _capture(template.split("/"), segments)
            if params is not None:
                return self._methods[template], params
        return {}, {}


def _collection(segments: list[str]) -> str:
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


def _raising(error: WireError) -> Handler:
    def refuse(_: Call) -> object:
        raise error

    return refuse
