"""Functions that are called in every forked process."""

import os
from collections.abc import Callable
from contextlib import ExitStack

_resets: list[Callable[[], object]] = []


def register_fork_reset(reset: Callable[[], object]) -> None:
    """Call a function in every forked process, after those that were registered before it."""
    _resets.append(reset)


def _reset_all() -> None:
    with ExitStack() as stack:  # calls the others even if one fails
        for reset in reversed(_resets):
            stack.callback(reset)


if hasattr(os, "register_at_fork"):  # pragma: no branch # Windows has none
    os.register_at_fork(after_in_child=_reset_all)
