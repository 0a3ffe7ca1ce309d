"""Coloured output with rich (extra ``cli``)."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBars
from rich.table import Table as RichTable

from lightfield import Progress

from .screen import Screen, Table

_MAX_FIXED_WIDTH = 16
"""Columns up to this width are shown in full; wider ones share the remaining width of the terminal."""

_MIN_WIDTH = 80
"""Columns that a table takes at least: a narrower terminal breaks its lines, and loses nothing."""


@contextmanager
def rich_screen() -> Generator[Screen, None, None]:
    """Show a live progress bar while the block runs."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:.1f}/s"), TimeRemainingColumn())
    stderr = Console(stderr=True)
    with ProgressBars(*columns, console=stderr, disable=not stderr.is_terminal) as bars:
        yield RichScreen(bars)


class RichScreen:
    """Live progress bar and tables."""

    def __init__(self, bars: ProgressBars) -> None:
        self._bars = bars
        self._task = bars.add_task("", total=None, rate=0.0)

    def progress(self, progress: Progress) -> None:
        """Update the progress bar."""
        self._bars.update(self._task, completed=progress.done, total=progress.total, rate=progress.rate)

    def table(self, table: Table) -> None:
        """Print the table."""
        rendered = RichTable(box=SIMPLE_HEAD, expand=True)
        for name, *cells in zip(table.columns, *table.rows, strict=True):
            width = max(map(len, (name, *cells)))
            fixed = width <= _MAX_FIXED_WIDTH
            rendered.add_column(name, no_wrap=True, width=width if fixed else None, ratio=None if fixed else width)
        for row in table.rows:
            rendered.add_row(*row)
        console = Console()
        console.width = max(console.width, _MIN_WIDTH)
        console.print(rendered)
        if table.more:
            console.print(table.more, style="dim")
