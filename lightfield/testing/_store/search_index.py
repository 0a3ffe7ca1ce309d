"""The delay after which lists show a change."""

from collections import deque
from collections.abc import Callable

from lightfield._aio import clock

from .tables import Change


class SearchIndex:
    """Changes that lists do not show yet.

    Args:
        show: Called with each change that lists are to show from then on.
        lag: The delay in seconds, which goes on while a test freezes the time.
    """

    def __init__(self, show: Callable[[Change], None], lag: float) -> None:
        self._show = show
        self._lag = lag
        self._waiting: deque[tuple[float, list[Change]]] = deque()

    def add(self, changes: list[Change], *, at_once: bool) -> None:
        """Take changes that are to be shown after the delay, or at once."""
        if not at_once:
            self.update()  # or they would pile up where nobody lists
            self._waiting.append((clock.monotonic() + self._lag, changes))
            return
        newest = {(change.table, change.id) for change in changes}
        for _, waiting in self._waiting:
            waiting[:] = [change for change in waiting if (change.table, change.id) not in newest]
        self._show_all(changes)

    def update(self) -> None:
        """Show what is due."""
        while self._waiting and self._waiting[0][0] <= clock.monotonic():
            self._show_all(self._waiting.popleft()[1])

    def refresh(self) -> None:
        """Show everything."""
        while self._waiting:
            self._show_all(self._waiting.popleft()[1])

    def _show_all(self, changes: list[Change]) -> None:
        for change in changes:
            self._show(change)
