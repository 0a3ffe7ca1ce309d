"""Reports: a table of medians, then findings with their targets."""

from statistics import median
from typing import TypeAlias

import msgspec

Table: TypeAlias = dict[str, dict[str, list[float]]]
"""Contestant to figure to its values, one per round."""


class Finding(msgspec.Struct, frozen=True):
    """A figure, round by round; its median is compared with the target."""

    what: str
    rounds: list[float]
    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        value = median(self.rounds)
        digits = 2 if abs(value) >= 10 else 3
        spread = f"({min(self.rounds):.{digits}f} .. {max(self.rounds):.{digits}f})"
        return f"  {self.what:<50}{value:8.{digits}f}  {spread:<20} {self._verdict(value)}"

    def _verdict(self, value: float) -> str:
        if self.at_least is not None:
            return f"target >= {self.at_least:<6g}{'met' if value >= self.at_least else 'missed'}"
        if self.at_most is not None:
            return f"target <= {self.at_most:<6g}{'met' if value <= self.at_most else 'missed'}"
        return "no target"


class Answer(msgspec.Struct, frozen=True):
    """A question, all figures, and the findings."""

    question: str
    table: Table
    findings: list[Finding]

    def __str__(self) -> str:
        columns = list(next(iter(self.table.values())))
        width = max(18, *map(len, self.table))
        lines = [self.question, " " * (width + 2) + "".join(f"{column:>24}" for column in columns)]
        for name, row in self.table.items():
            cells = (_shown(median(row[column])) for column in columns)
            lines.append(f"  {name:<{width}}" + "".join(f"{cell:>24}" for cell in cells))
        return "\n".join([*lines, *map(str, self.findings), ""])


def compare(
    table: Table,
    figure: str,
    over: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    name: str = "ours",
) -> Finding:
    """Return the ratio of our figure to that of the contestant `over`, within each round."""
    pairs = zip(table[name][figure], table[over][figure], strict=True)
    return Finding(f"{name} / {over}, {figure}", [ours / theirs for ours, theirs in pairs], at_least, at_most)


def tell(answer: Answer) -> Answer:
    """Print an answer and return it."""
    print(answer, flush=True)
    return answer


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
