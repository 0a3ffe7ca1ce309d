"""What the API documents: our own excerpt, kept in ``operations.json`` and ``shapes.json``.

Operations have their names in the official SDK, as have their parameters and results; paths and query parameters have
their wire names. ``body`` and ``response`` name a shape. A shape is a JSON Schema: a part that is not required may be
absent. Where the API documents no category, the one that fits the operation best is assumed.
"""

from itertools import groupby
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

Shape: TypeAlias = dict[str, Any]

HERE = Path(__file__).parent
FILTERED = {"sequence.list_enrollments", "sequence.list_messages"}


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operation."""

    operation: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    category: Literal["Read", "Write", "Search"]
    assumed: bool
    """Whether the category is an assumption."""

    scopes: list[str]
    """All are needed, but for those with a condition, such as ``contacts:read for contacts``."""

    idempotency: bool
    """Whether an ``Idempotency-Key`` is documented."""

    positional: list[str]
    keyword: list[str]
    returns: str
    query: list[str]
    body: str | None
    response: str

    @property
    def resource(self) -> str:
        """The resource it belongs to."""
        return self.operation.partition(".")[0]

    @property
    def params(self) -> str | None:
        """The official name of the type of its keyword parameters; None if it has none besides ids in the path."""
        return self.returns.removesuffix("Response") + "Params" if self.query or self.body else None

    @property
    def filtered(self) -> bool:
        """Whether it takes ``filters``, which the official SDK leaves to ``extra_query``."""
        return self.operation.endswith(".list") or self.operation in FILTERED


OPERATIONS = msgspec.json.decode((HERE / "operations.json").read_bytes(), type=list[Operation])

SHAPES: dict[str, Shape] = msgspec.json.decode((HERE / "shapes.json").read_bytes())["$defs"]


def table() -> str:
    """Render the operations for the docs, by resource."""
    parts = [_section(name, list(rows)) for name, rows in groupby(OPERATIONS, lambda fact: fact.resource)]
    return "\n\n".join(parts)


def _section(resource: str, rows: list[Operation]) -> str:
    head = "| operation | method and path | category | scopes | Idempotency-Key |\n|---|---|---|---|---|"
    return "\n".join([f"## {resource}", "", head, *map(_row, rows)])


def _row(fact: Operation) -> str:
    cells = [
        f"`{fact.operation}`",
        f"`{fact.method} {fact.path}`",
        f"{fact.category}{'*' * fact.assumed}",
        ", ".join(map(_scope, fact.scopes)) or "-",
        "yes" if fact.idempotency else "-",
    ]
    return f"| {' | '.join(cells)} |"


def _scope(scope: str) -> str:
    name, space, condition = scope.partition(" ")
    return f"`{name}`{space}{condition}"
