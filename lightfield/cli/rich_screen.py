"""Progress and tables in colour, with rich (extra ``cli``)."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table as RichTable

from lightfield import Progress

from .screen import Screen, Table

_SHORT = 16
"""Columns with no longer cell are shown whole; the others share what is left of the terminal."""


@contextmanager
def rich_screen() -> Generator[Screen, None, None]:
    """Show a live progress bar for as long as the block runs."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:.1f}/s"), TimeRemainingColumn())
    error = Console(stderr=True)
    with Bars(*columns, console=error, disable=not error.is_terminal) as bars:
        yield RichScreen(bars)


class RichScreen:
    """A live bar and a ruled table."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task = bars.add_task("", total=None, rate=0.0)

    def progress(self, progress: Progress) -> None:
        """Move the bar."""
        self._bars.update(self._task, completed=progress.done, total=progress.total, rate=progress.rate)

    def table(self, table: Table) -> None:
        """Print the table."""
        ruled = RichTable(box=SIMPLE_HEAD, expand=True)
        for name, *cells in zip(table.columns, *table.rows, strict=True):
            widest = max(map(len, (name, *cells)))
            short = widest <= _SHORT
            ruled.add_column(name, no_wrap=True, width=widest if short else None, ratio=None if short else widest)
        for row in table.rows:
            ruled.add_row(*row)
        console = Console()
        console.print(ruled)
        if table.more:
            console.print(table.more, style="dim")
