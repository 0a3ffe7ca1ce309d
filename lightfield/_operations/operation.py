"""Turn a method that describes a request into one that performs it.

A resource method says what to send and returns a ``Request[T]``; it does no I/O. What *calling* it gives depends on the
mode of the resource it is looked up on, and the mode depends on the client:

======================  =============================================  ==========================
mode                    where                                          ``retrieve("opp_1")`` gives
======================  =============================================  ==========================
``Awaits``              ``AsyncLightfield``                            a coroutine of ``T``
``Blocks``              ``Lightfield``                                 ``T``
``Describes``           ``client.plan``                                ``Request[T]``, unsent
``AwaitsRaw``           ``AsyncLightfield``, ``with_raw_response``     a coroutine of ``APIResponse[T]``
``BlocksRaw``           ``Lightfield``, ``with_raw_response``          ``APIResponse[T]``
======================  =============================================  ==========================

Modes exist only in types. At run time a resource holds a *performer*, its client, and hands it what it described.
``procedure`` is for a method that needs several requests, ``iteration`` for one that yields results one by one.
"""

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from functools import update_wrapper
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, Self, TypeVar, cast, overload

from msgspec.structs import replace

from lightfield._protocol.decoding import APIResponse
from lightfield._protocol.request import Request
from lightfield.errors import LightfieldUsageError

from .performer import Performer, Worker

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
A_co = TypeVar("A_co", covariant=True)
B_co = TypeVar("B_co", covariant=True)


class Mode:
    """What calling an operation gives."""


class Awaits(Mode):
    """A coroutine of the result."""


class Blocks(Mode):
    """The result."""


class Describes(Mode):
    """The request, unsent."""


class AwaitsRaw(Mode):
    """A coroutine of the response, undecoded."""


class BlocksRaw(Mode):
    """The response, undecoded."""


M = TypeVar("M", bound=Mode)


class Resource(Generic[M]):
    """A group of operations, bound to one client.

    ``_path`` is where the API has the resource, ``_items`` where it has its documents, by id.
    """

    _path: str = ""
    _below: ClassVar[str] = ""

    def __init__(self, performer: Performer, *, raw: bool = False, path: str | None = None) -> None:
        self._performer: Performer = performer
        self._raw: bool = raw
        if path is not None:
            self._path = path
        self._items: str = self._path + self._below

    @property
    def _worker(self) -> Worker:
        return cast("Worker", self._performer)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{' with_raw_response' if self._raw else ''} of {self._performer!r}>"


B = TypeVar("B", bound=Resource[Any])


def rebind(resource: B, performer: Performer, *, raw: bool = False) -> B:
    """Make the same resource for another performer, or with its responses raw."""
    return type(resource)(performer, raw=raw, path=resource._path)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def undecoded(request: Request[T]) -> Request[APIResponse[T]]:
    """Return the same request with its response left undecoded."""
    return cast("Request[APIResponse[T]]", replace(request, raw=True))


class _Endpoint:
    """Bind a method to its resource once, then get out of the way."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method: Callable[..., Any] = method
        self.__doc__ = method.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name: str = name

    def bind(self, resource: Resource[Any] | None) -> Any:
        if resource is None:
            return self
        call = self.caller(resource._performer, resource)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        update_wrapper(call, self.method)
        parameters = list(inspect.signature(self.method).parameters.values())[1:]
        call.__dict__["__signature__"] = inspect.Signature(parameters)
        resource.__dict__[self.name] = call
        return call

    def caller(self, performer: Performer, resource: Any) -> Callable[..., Any]:
        raise NotImplementedError


class operation(_Endpoint, Generic[P, T_co]):  # noqa: N801
    """Perform the request that the method describes."""

    def __init__(self, method: Callable[Concatenate[Any, P], Request[T_co]]) -> None:
        super().__init__(method)

    def caller(self, performer: Performer, resource: Any) -> Callable[..., Any]:
        method, perform = self.method, performer.perform

        def call(*args: Any, **kwargs: Any) -> Any:
            return perform(method(resource, *args, **kwargs))

        def call_raw(*args: Any, **kwargs: Any) -> Any:
            return perform(undecoded(method(resource, *args, **kwargs)))

        return call_raw if resource._raw else call  # noqa: SLF001

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, instance: Resource[Awaits], owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T_co]]: ...
    @overload
    def __get__(self, instance: Resource[Blocks], owner: type[Any]) -> Callable[P, T_co]: ...
    @overload
    def __get__(self, instance: Resource[Describes], owner: type[Any]) -> Callable[P, Request[T_co]]: ...
    @overload
    def __get__(
        self,
        instance: Resource[AwaitsRaw],
        owner: type[Any],
    ) -> Callable[P, Coroutine[Any, Any, APIResponse[T_co]]]: ...
    @overload
    def __get__(self, instance: Resource[BlocksRaw], owner: type[Any]) -> Callable[P, APIResponse[T_co]]: ...
    def __get__(self, instance: Resource[Any] | None, owner: type[Any]) -> Any:
        return self.bind(instance)


class procedure(_Endpoint, Generic[P, T_co]):  # noqa: N801
    """Run an ``async`` method that needs several requests."""

    def __init__(self, method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T_co]]) -> None:
        super().__init__(method)

    def caller(self, performer: Performer, resource: Any) -> Callable[..., Any]:
        return _several(performer.run, self.method, resource)

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, instance: Resource[Awaits], owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T_co]]: ...
    @overload
    def __get__(self, instance: Resource[Blocks], owner: type[Any]) -> Callable[P, T_co]: ...
    def __get__(self, instance: Resource[Any] | None, owner: type[Any]) -> Any:
        return self.bind(instance)


class iteration(_Endpoint, Generic[P, T_co]):  # noqa: N801
    """Iterate an ``async`` generator method."""

    def __init__(self, method: Callable[Concatenate[Any, P], AsyncGenerator[T_co, None]]) -> None:
        super().__init__(method)

    def caller(self, performer: Performer, resource: Any) -> Callable[..., Any]:
        return _several(performer.walk, self.method, resource)

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, instance: Resource[Awaits], owner: type[Any]) -> Callable[P, AsyncGenerator[T_co, None]]: ...
    @overload
    def __get__(self, instance: Resource[Blocks], owner: type[Any]) -> Callable[P, Generator[T_co, None, None]]: ...
    def __get__(self, instance: Resource[Any] | None, owner: type[Any]) -> Any:
        return self.bind(instance)


def _several(perform: Callable[..., Any], method: Callable[..., Any], resource: Any) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        if resource._raw:  # noqa: SLF001
            raise LightfieldUsageError(f"{method.__name__} makes several requests: it has no one raw response.")
        return perform(resource, method, *args, **kwargs)

    return call


class raw_mode(Generic[A_co, B_co]):  # noqa: N801
    """The same resource, giving responses undecoded: one type for each client."""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name: str = name

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, instance: Resource[Awaits], owner: type[Any]) -> A_co: ...
    @overload
    def __get__(self, instance: Resource[Blocks], owner: type[Any]) -> B_co: ...
    def __get__(self, instance: Resource[Any] | None, owner: type[Any]) -> Any:
        if instance is None:
            return self
        performer = instance._performer  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        return instance.__dict__.setdefault(self.name, rebind(instance, performer, raw=True))
