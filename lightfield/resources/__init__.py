"""Every resource of the API, once: what a client of any mode offers."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal, Self

from msgspec.json import Decoder

from lightfield._operation import M, Resource, operation
from lightfield._request import Category, Request, describe
from lightfield.models.value import JSON

from .opportunities import Opportunities

_ANYTHING: Decoder[JSON] = Decoder()


class Catalog(Resource[M]):
    """The resources of the API, in one mode."""

    def __init__(self) -> None:
        super().__init__(self)

    def _sibling(self, **state: object) -> Self:
        """Make a client with other state, which binds resources of its own."""
        sibling = self.__new__(type(self))
        sibling.__dict__.update(state, _performer=sibling, _raw=False)
        return sibling

    def perform(self, request: Request[Any], /) -> Any:
        """Perform one request."""
        raise NotImplementedError

    def run(self, resource: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a coroutine function of a resource."""
        raise NotImplementedError

    def walk(self, resource: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Iterate an asynchronous generator function of a resource."""
        raise NotImplementedError

    @cached_property
    def opportunity(self) -> Opportunities[M]:
        """Deals with an account, on their way through a pipeline."""
        return Opportunities(self)

    @operation
    def request(
        self,
        method: Literal["GET", "POST", "DELETE"],
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        category: Category | None = None,
    ) -> Request[JSON]:
        """Reach an endpoint that has no operation here, and get its JSON as it is.

        Args:
            method: HTTP method.
            path: Percent-encoded path below the base URL, such as ``/v1/opportunities``.
            query: Query parameters, not yet encoded.
            body: JSON body.
            category: Rate-limit category; by default Read for a GET, else Write.

        Raises:
            LightfieldValueError: The method, path or body cannot be sent.
        """
        return describe(method, path, decoder=_ANYTHING, category=category, query=query, body=body)
