"""Functions that are called in every forked process, and times at which no process is forked."""

import os
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager

_resets: list[Callable[[], object]] = []


def register_fork_reset(reset: Callable[[], object]) -> None:
    """Call a function in every forked process, after those that were registered before it."""
    _resets.append(reset)


_forking = threading.RLock()


@contextmanager
def no_fork() -> Generator[None]:
    """Have other threads fork the process after this block: what it imports would never be complete in the child."""
    with _forking:
        yield


def _reset_all() -> None:
    global _forking  # noqa: PLW0603
    _forking = threading.RLock()
    with ExitStack() as stack:  # calls the others even if one fails
        for reset in reversed(_resets):
            stack.callback(reset)


if hasattr(os, "register_at_fork"):  # pragma: no branch # Windows has none
    os.register_at_fork(
        before=lambda: _forking.acquire(),  # noqa: PLW0108 # it is another one in a forked process
        after_in_parent=lambda: _forking.release(),  # noqa: PLW0108
        after_in_child=_reset_all,
    )
