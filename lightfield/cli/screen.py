"""Output of commands: progress on standard error if it is a terminal, tables on standard output."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from lightfield import Progress


class Table(NamedTuple):
    """A table with headings."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: str = ""
    """A line below the table about omitted rows."""


class Screen(Protocol):
    """The output of a command."""

    def progress(self, progress: Progress) -> None:
        """Show the progress of a bulk operation."""
        ...

    def table(self, table: Table) -> None:
        """Show a table."""
        ...
