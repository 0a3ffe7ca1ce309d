"""Plain text output."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

from lightfield import Progress

from .screen import Table


@contextmanager
def plain_screen() -> Generator["PlainScreen", None, None]:
    """Show progress while the block runs."""
    screen = PlainScreen()
    try:
        yield screen
    finally:
        screen.end()


class PlainScreen:
    """Progress and tables as plain text."""

    _MAX_CELL_WIDTH = 38
    _MAX_BAR_WIDTH = 30

    def __init__(self) -> None:
        self._interactive = sys.stderr.isatty()
        self._line_open = False

    def progress(self, progress: Progress) -> None:
        """Redraw the progress line."""
        if not self._interactive:
            return
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
        count = f"{progress.done} done, {progress.rate:.1f}/s"
        width = max(0, min(self._MAX_BAR_WIDTH, columns - len(count) - 4))
        filled = width * progress.done // (progress.total or progress.done)
        line = f"[{'#' * filled:.<{width}}] {count}"[: columns - 1]
        print(f"\r{line:<{columns - 1}}", end="", file=sys.stderr, flush=True)
        self._line_open = True

    def end(self) -> None:
        """End the progress line."""
        if self._line_open:
            print(file=sys.stderr)

    def table(self, table: Table) -> None:
        """Print columns padded to their widest cell."""
        rows = [[cell[: self._MAX_CELL_WIDTH] for cell in row] for row in (table.columns, *table.rows)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(table.columns))]
        rows.insert(1, ["-" * width for width in widths])
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if table.more:
            print(table.more)
