"""Resources, and the modes of their operations: what calling one returns.

====================  ====================================================  =====================================
mode                  looked up on                                          ``retrieve("opp_1")`` returns
====================  ====================================================  =====================================
``Awaits``            ``AsyncLightfield``                                   a coroutine of ``T``
``Blocks``            ``Lightfield``                                        ``T``
``Describes``         ``client.plan``                                       ``Request[T]``, unsent
``Raw[Awaits]``       ``with_raw_response`` of ``AsyncLightfield``          a coroutine of ``AsyncAPIResponse[T]``
``Raw[Blocks]``       ``with_raw_response`` of ``Lightfield``               ``APIResponse[T]``
``Stream[Awaits]``    ``with_streaming_response`` of ``AsyncLightfield``    a context of ``AsyncAPIResponse[T]``
``Stream[Blocks]``    ``with_streaming_response`` of ``Lightfield``         a context of ``APIResponse[T]``
====================  ====================================================  =====================================

Modes exist only in types. At run time a resource holds a performer, which turns bound methods into what is called.
"""

from typing import Any, ClassVar, Generic, Self, TypeVar, cast, overload

from lightfield._protocol.request import Form

from .performer import Awaiting, Performer


class Mode:
    """What calling an operation returns."""


class Awaits(Mode):
    """A coroutine of the result."""


class Blocks(Mode):
    """The result."""


class Describes(Mode):
    """The request, unsent."""


M = TypeVar("M", bound=Mode)
R = TypeVar("R", bound="Resource[Any]")
R_co = TypeVar("R_co", covariant=True)


class Raw(Mode, Generic[M]):
    """The response, undecoded, of the mode."""


class Stream(Mode, Generic[M]):
    """A context manager of the response of the mode, its body unread."""


class Resource(Generic[M]):
    """A group of operations, bound to one client.

    ``_path`` is the path of the resource in the API, ``_items`` that of its documents, without their id.
    """

    _path: str = ""
    _items_suffix: ClassVar[str] = ""

    def __init__(self, performer: Performer, *, path: str | None = None) -> None:
        self._performer: Performer = performer
        if path is not None:
            self._path = path
        self._items: str = self._path + self._items_suffix

    @property
    def _awaiting(self) -> Awaiting:
        return cast("Awaiting", self._performer)

    def _bound_to(self, performer: Performer) -> "Resource[Any]":
        return type(self)(performer, path=self._path)

    def __dir__(self) -> list[str]:
        names = list(super().__dir__())
        for name in (name for name in names if isinstance(getattr(type(self), name, None), Bound)):
            getattr(self, name)  # binds it: mocks look past descriptors at what is listed
        return names

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._performer!r}>"


def rebind(resource: R, performer: Performer) -> R:
    """Return the same resource for another performer."""
    return cast("R", resource._bound_to(performer))  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


class Bound:
    """A member of a resource that is bound to each instance once, as an attribute of the instance."""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name: str = name


class view(Bound, Generic[R_co]):  # noqa: N801
    """The same resource with responses in another form."""

    def __init__(self, form: Form) -> None:
        self._form: Form = form

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, instance: Resource[Awaits], owner: type[Any]) -> R_co: ...
    @overload
    def __get__(self, instance: Resource[Blocks], owner: type[Any]) -> R_co: ...
    def __get__(self, instance: Resource[Any] | None, owner: type[Any]) -> Any:
        if instance is None:
            return self
        performer = instance._performer.returning(self._form)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        return instance.__dict__.setdefault(self.name, rebind(instance, performer))
