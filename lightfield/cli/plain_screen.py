"""Progress and tables as plain text."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from lightfield import Progress

from .screen import Table


@contextmanager
def plain_screen() -> Generator["PlainScreen", None, None]:
    """Show progress for as long as the block runs."""
    screen = PlainScreen()
    try:
        yield screen
    finally:
        screen.end()


class PlainScreen:
    """Plain text."""

    _WIDEST = 38
    _BAR = 30

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._open = False

    def progress(self, progress: Progress) -> None:
        """Redraw one line."""
        if not self._live:
            return
        filled = self._BAR * progress.done // (progress.total or progress.done)
        bar = "#" * filled + "." * (self._BAR - filled)
        print(f"\r[{bar}] {progress.done} done, {progress.rate:.1f}/s ", end="", file=sys.stderr, flush=True)
        self._open = True

    def end(self) -> None:
        """Leave the line of the progress bar."""
        if self._open:
            print(file=sys.stderr)

    def table(self, table: Table) -> None:
        """Print columns padded to their widest entry."""
        rows = [[cell[: self._WIDEST] for cell in row] for row in (table.columns, *table.rows)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(table.columns))]
        rows.insert(1, ["-" * width for width in widths])
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if table.more:
            print(table.more)
