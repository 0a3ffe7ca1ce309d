"""The call of an operation: its parameters, the options of one call, and values that stand for none."""

from difflib import get_close_matches
from types import MethodType
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from lightfield._aio.caught import Caught
from lightfield._protocol.omit import without_omitted
from lightfield._protocol.request import Form, Request
from lightfield.errors import LightfieldTypeError

from .call_options import OPTIONS, with_call_options

if TYPE_CHECKING:
    from collections.abc import Callable


class Description:
    """Describes requests with a bound method, as its parameters and the options of a call say.

    ``plain`` does the same without keywords; for a decoded response it is the method itself.
    """

    def __init__(self, method: MethodType, form: Form) -> None:
        code = method.__func__.__code__
        self._name = method.__name__
        self._parameters = frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
        self._form: Form = form
        self._method = method
        self.plain: Callable[..., Request[Any]] = method if form == "decoded" else lambda *args: self(args, {})

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request[Any]:
        """Return the request that a call with these arguments asks for, and clear the keywords.

        Raises:
            LightfieldError: The request cannot be described so, or an argument does not exist.
        """
        caught = Caught()
        try:
            return self._describe(args, kwargs)
        except Exception as error:  # noqa: BLE001
            caught.error = error.with_traceback(None)  # its frames hold the arguments, and some may be secret
        finally:
            kwargs.clear()
        raise caught.take()

    def _describe(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request[Any]:
        given = without_omitted(kwargs)
        options = {name: given.pop(name) for name in OPTIONS & given.keys()}
        if unknown := given.keys() - self._parameters:
            raise self._unexpected(min(unknown))
        request: Request[Any] = self._method(*args, **given)
        if self._form != "decoded":
            request = replace(request, form=self._form)
        return with_call_options(request, options) if options else request

    def _unexpected(self, name: str) -> LightfieldTypeError:
        near = get_close_matches(name, [*self._parameters, *OPTIONS], 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        return LightfieldTypeError(f"{self._name}() got an unexpected argument {name!r}{hint}")
