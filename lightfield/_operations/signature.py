"""The signature of an operation, as ``inspect`` sees it."""

from collections.abc import Sequence
from inspect import BoundArguments, Parameter, Signature
from typing import Any

from .call_options import OPTIONS


class CallSignature(Signature):
    """Shows the parameters of an operation, and binds the options of a call too.

    Frameworks make inputs of what is shown; mocks compare what is bound.
    """

    __slots__ = ("_whole",)

    def __init__(self, parameters: Sequence[Parameter] | None = None, **returns: Any) -> None:
        own = [parameter for parameter in parameters or () if parameter.name != "_"]
        options = [Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in sorted(OPTIONS)]
        super().__init__(own, **returns)
        self._whole = Signature([*own, *options] if len(own) < len(parameters or ()) else own)

    def bind(self, /, *args: Any, **kwargs: Any) -> BoundArguments:
        """Bind arguments and the options of a call."""
        return self._whole.bind(*args, **kwargs)

    def bind_partial(self, /, *args: Any, **kwargs: Any) -> BoundArguments:
        """Bind some of them."""
        return self._whole.bind_partial(*args, **kwargs)
