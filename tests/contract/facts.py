"""What the API documents about its operations: our own excerpt, kept in ``operations.json``.

Operations have their names in the official SDK; parameters of a path have their Python names. ``example`` holds keyword
arguments that work against the sandbox: ``@opportunity`` stands for the id of its first opportunity, and so on.
"""

from pathlib import Path
from typing import Any, Literal

import msgspec

from lightfield.testing import Sandbox


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operation."""

    operation: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    category: Literal["Read", "Write", "Search"]
    scope: str | None
    example: dict[str, Any]

    def arguments(self, sandbox: Sandbox) -> dict[str, Any]:
        """Give the example with the ids of a sandbox."""
        return {name: _known(value, sandbox) for name, value in self.example.items()}


def _known(value: object, sandbox: Sandbox) -> object:
    if isinstance(value, str) and value.startswith("@"):
        ids: list[str] = getattr(sandbox, f"{value[1:]}_ids")
        return ids[0]
    return value


OPERATIONS = msgspec.json.decode(
    Path(__file__).with_name("operations.json").read_bytes(),
    type=list[Operation],
)
