"""What a command shows: progress on standard error, if it is a terminal; tables on standard output."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from lightfield import Progress


class Table(NamedTuple):
    """Rows under their headings."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: str = ""
    """A line below, for what is left out."""


class Screen(Protocol):
    """Where a command shows what it does."""

    def progress(self, progress: Progress) -> None:
        """Show how far a bulk has come."""
        ...

    def table(self, table: Table) -> None:
        """Show a table."""
        ...
