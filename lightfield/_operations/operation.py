"""Operations: methods that describe a request, called in whatever mode the client has.

A resource method says what to send and returns a ``Request[T]``; it does no I/O. What *calling* it returns depends on
the mode of the resource it is looked up on: see ``resource``. ``procedure`` marks a method that makes several requests,
``iteration`` an asynchronous generator method.

The ``**_`` at the end of a described method is for type checkers: ``Description`` takes the options out of each call.
"""

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import update_wrapper
from types import FunctionType, MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, cast, get_args, overload

from lightfield._protocol.request import Request

from .description import Description
from .performer import Performer, refusing
from .resource import Awaits, Blocks, Bound, Describes, Raw, Resource, Stream
from .responses import APIResponse, AsyncAPIResponse
from .signature import CallSignature

P = ParamSpec("P")
T_co = TypeVar("T_co", covariant=True)


class Endpoint(Bound):
    """A method of a resource."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method: Callable[..., Any] = method
        self.__doc__ = method.__doc__

    def bind(self, resource: Resource[Any] | None) -> Any:
        """Return what is called, and keep it on the instance, which then finds it without this descriptor."""
        if resource is None:
            return self
        call = self.call(resource, resource._performer)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        if isinstance(call, FunctionType):
            self.copy_metadata(call, resource)
        resource.__dict__[self.name] = call
        return call

    def call(self, resource: Any, performer: Performer) -> Callable[..., Any]:
        """Return the function that is called in place of the method."""
        raise NotImplementedError

    def copy_metadata(self, call: FunctionType, resource: Any) -> None:
        """Copy name, docstring, signature and annotations of the bound method to a function."""
        update_wrapper(call, self.method)
        # mocks follow it to see whether to await, type hints to the names of the method's module
        call.__dict__["__wrapped__"] = FunctionType(call.__code__, self.method.__globals__, closure=call.__closure__)
        signature = inspect.signature(self.method)
        returns = self.returns(signature.return_annotation, resource)
        annotations = {name: each for name, each in self.method.__annotations__.items() if name != "_"}
        call.__annotations__ = {**annotations, "return": returns}
        parameters = list(signature.parameters.values())[1:]
        call.__dict__["__signature__"] = CallSignature(parameters, return_annotation=returns)

    def returns(self, annotation: Any, resource: Any) -> Any:
        """Return the annotation of the result, with the type of the resource's documents for its type variable."""
        one = getattr(resource, "_one", None)
        if one is None:
            return annotation
        if isinstance(annotation, TypeVar):
            return one.type
        return annotation[one.type] if getattr(annotation, "__parameters__", ()) else annotation


class operation(Endpoint, Generic[P, T_co]):  # noqa: N801
    """Perform the request that the method describes."""

    def __init__(self, method: Callable[Concatenate[Any, P], Request[T_co]]) -> None:
        super().__init__(method)

    def call(self, resource: Any, performer: Performer) -> Callable[..., Any]:
        return performer.operation(Description(MethodType(self.method, resource), performer.form))

    def returns(self, annotation: Any, resource: Any) -> Any:
        result = super().returns(get_args(annotation)[0], resource)
        return resource._performer.result(result)  # noqa: SLF001

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
        self, instance: Resource[Raw[Awaits]], owner: type[Any]
    ) -> Callable[P, Coroutine[Any, Any, AsyncAPIResponse[T_co]]]: ...
    @overload
    def __get__(self, instance: Resource[Raw[Blocks]], owner: type[Any]) -> Callable[P, APIResponse[T_co]]: ...
    @overload
    def __get__(
        self, instance: Resource[Stream[Awaits]], owner: type[Any]
    ) -> Callable[P, AbstractAsyncContextManager[AsyncAPIResponse[T_co]]]: ...
    @overload
    def __get__(
        self, instance: Resource[Stream[Blocks]], owner: type[Any]
    ) -> Callable[P, AbstractContextManager[APIResponse[T_co]]]: ...
    def __get__(self, instance: Resource[Any] | None, owner: type[Any]) -> Any:
        return self.bind(instance)


class _MultiRequest(Endpoint):
    iterates = False

    def call(self, resource: Any, performer: Performer) -> Callable[..., Any]:
        if performer.form != "decoded":
            return refusing(f"{self.name} makes several requests, so it has no single {performer.form} response.")
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
