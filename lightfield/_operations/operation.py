"""Operations: methods that describe a request, called in whatever mode the client has.

A resource method says what to send and returns a ``Request[T]``; it does no I/O. What *calling* it returns depends on
the mode of the resource it is looked up on, and the mode depends on the client:

======================  =============================================  =============================
mode                    looked up on                                   ``retrieve("opp_1")`` returns
======================  =============================================  =============================
``Awaits``              ``AsyncLightfield``                            a coroutine of ``T``
``Blocks``              ``Lightfield``                                 ``T``
``Describes``           ``client.plan``                                ``Request[T]``, unsent
``AwaitsRaw``           ``AsyncLightfield``, ``with_raw_response``     a coroutine of ``APIResponse[T]``
``BlocksRaw``           ``Lightfield``, ``with_raw_response``          ``APIResponse[T]``
======================  =============================================  =============================

Modes exist only in types. At run time a resource holds a performer, which turns bound methods into what is called.
``procedure`` marks a method that makes several requests, ``iteration`` an asynchronous generator method.
"""

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from functools import update_wrapper
from types import FunctionType, MethodType
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, Self, TypeVar, cast, get_args, overload

from msgspec.structs import replace

from lightfield._protocol.decoding import APIResponse
from lightfield._protocol.request import Request

from .performer import Awaiting, Performer, refusing

P = ParamSpec("P")
T = TypeVar("T")
B = TypeVar("B", bound="Resource[Any]")
T_co = TypeVar("T_co", covariant=True)
A_co = TypeVar("A_co", covariant=True)
B_co = TypeVar("B_co", covariant=True)


class Mode:
    """What calling an operation returns."""


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

    ``_path`` is the path of the resource in the API, ``_items`` that of its documents, without their id.
    """

    _path: str = ""
    _items_suffix: ClassVar[str] = ""

    def __init__(self, performer: Performer, *, raw: bool = False, path: str | None = None) -> None:
        self._performer: Performer = performer
        self._raw: bool = raw
        if path is not None:
            self._path = path
        self._items: str = self._path + self._items_suffix

    @property
    def _awaiting(self) -> Awaiting:
        return cast("Awaiting", self._performer)

    def __dir__(self) -> list[str]:
        names = list(super().__dir__())
        for name in (name for name in names if isinstance(getattr(type(self), name, None), Endpoint)):
            getattr(self, name)  # binds it: mocks look past descriptors at what is listed
        return names

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{' with_raw_response' if self._raw else ''} of {self._performer!r}>"


def rebind(resource: B, performer: Performer, *, raw: bool = False) -> B:
    """Return the same resource for another performer, or with raw responses."""
    return type(resource)(performer, raw=raw, path=resource._path)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def undecoded(request: Request[T]) -> Request[APIResponse[T]]:
    """Return the same request with its response left undecoded."""
    return cast("Request[APIResponse[T]]", replace(request, raw=True))


class Endpoint:
    """A method of a resource that is bound to each instance once, as an attribute of the instance."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method: Callable[..., Any] = method
        self.__doc__ = method.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name: str = name

    def bind(self, resource: Resource[Any] | None) -> Any:
        """Return what is called, and keep it on the instance, which then finds it without this descriptor."""
        if resource is None:
            return self
        call = self.call(resource, resource._performer, raw=resource._raw)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        if isinstance(call, FunctionType):
            self.copy_metadata(call, resource)
        resource.__dict__[self.name] = call
        return call

    def call(self, resource: Any, performer: Performer, *, raw: bool) -> Callable[..., Any]:
        """Return the function that is called in place of the method."""
        raise NotImplementedError

    def copy_metadata(self, call: FunctionType, resource: Any) -> None:
        """Copy name, docstring, signature and annotations of the bound method to a function."""
        update_wrapper(call, self.method)
        # mocks follow it to see whether to await, type hints to the names of the method's module
        call.__dict__["__wrapped__"] = FunctionType(call.__code__, self.method.__globals__, closure=call.__closure__)
        signature = inspect.signature(self.method)
        returns = self.returns(signature.return_annotation, resource)
        call.__annotations__ = {**self.method.__annotations__, "return": returns}
        parameters = list(signature.parameters.values())[1:]
        call.__dict__["__signature__"] = signature.replace(parameters=parameters, return_annotation=returns)

    def returns(self, annotation: Any, resource: Any) -> Any:
        """Return the annotation of the result, with the type of the resource's documents for its type variable."""
        if isinstance(annotation, TypeVar):
            return resource._one.type  # noqa: SLF001
        return annotation[resource._one.type] if getattr(annotation, "__parameters__", ()) else annotation  # noqa: SLF001


class operation(Endpoint, Generic[P, T_co]):  # noqa: N801
    """Perform the request that the method describes."""

    def __init__(self, method: Callable[Concatenate[Any, P], Request[T_co]]) -> None:
        super().__init__(method)

    def call(self, resource: Any, performer: Performer, *, raw: bool) -> Callable[..., Any]:
        describe = MethodType(self.method, resource)
        if not raw:
            return performer.operation(describe)
        return performer.operation(lambda *args, **kwargs: undecoded(describe(*args, **kwargs)))

    def returns(self, annotation: Any, resource: Any) -> Any:
        result = super().returns(get_args(annotation)[0], resource)
        return cast("Any", APIResponse)[result] if resource._raw else result  # noqa: SLF001

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


class _MultiRequest(Endpoint):
    iterates = False

    def call(self, resource: Any, performer: Performer, *, raw: bool) -> Callable[..., Any]:
        if raw:
            return refusing(f"{self.name} makes several requests, so it has no single raw response.")
        return performer.multi_request(resource, self.method, iterates=self.iterates)

    def returns(self, annotation: Any, resource: Any) -> Any:
        if self.iterates:  # a blocking client: the awaited one has the method itself
            return cast("Any", Generator)[super().returns(get_args(annotation)[0], resource), None, None]
        return super().returns(annotation, resource)


class procedure(_MultiRequest, Generic[P, T_co]):  # noqa: N801
    """Run a coroutine method that makes several requests."""

    def __init__(self, method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T_co]]) -> None:
        super().__init__(method)

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, instance: Resource[Awaits], owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T_co]]: ...
    @overload
    def __get__(self, instance: Resource[Blocks], owner: type[Any]) -> Callable[P, T_co]: ...
    def __get__(self, instance: Resource[Any] | None, owner: type[Any]) -> Any:
        return self.bind(instance)


class iteration(_MultiRequest, Generic[P, T_co]):  # noqa: N801
    """Iterate an asynchronous generator method."""

    iterates = True

    def __init__(self, method: Callable[Concatenate[Any, P], AsyncGenerator[T_co, None]]) -> None:
        super().__init__(method)

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, instance: Resource[Awaits], owner: type[Any]) -> Callable[P, AsyncGenerator[T_co, None]]: ...
    @overload
    def __get__(self, instance: Resource[Blocks], owner: type[Any]) -> Callable[P, Generator[T_co, None, None]]: ...
    def __get__(self, instance: Resource[Any] | None, owner: type[Any]) -> Any:
        return self.bind(instance)


class raw_mode(Generic[A_co, B_co]):  # noqa: N801
    """The same resource with undecoded responses: one type for each client."""

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
