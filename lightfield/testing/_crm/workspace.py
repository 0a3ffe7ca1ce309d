"""What does one sandbox know?"""

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Literal

from lightfield.testing._http.errors import no_record

from .collections import Collection
from .documents import Merge, Record, Run
from .history import History
from .record_types import Kind
from .storage import Storage

_ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Workspace:
    """The records of one sandbox, and what became of them.

    Attributes:
        collections: The records by type, under the names that they have in a path.
        history: The former values of their fields.
        storage: The files.
        merges: The merges, by id.
        runs: The enrichment runs, by id.
        logged: The ids of the emails that were logged, and the Message-ID that each came with.
        polls: How often something was asked for that takes its time, by id.
    """

    def __init__(self, kinds: Iterable[Kind], opportunities: dict[str, Record], seed: int = 0) -> None:
        self.collections = {
            kind.name: Collection(kind, opportunities if kind.name == "opportunities" else None) for kind in kinds
        }
        self.history = History()
        self.storage = Storage()
        self.merges: dict[str, Merge] = {}
        self.runs: dict[str, Run] = {}
        self.logged: dict[str, str] = {}
        self.polls: Counter[str] = Counter()
        self._rng = Random(f"ids of {seed}")  # noqa: S311
        self._types = {collection.kind.object_type: collection for collection in self.collections.values()}

    def custom(self, slug: str) -> Collection:
        """Return the records of a custom type."""
        collection = self.collections.get(slug)
        if collection is None or not collection.kind.custom:
            raise no_record("objects")
        return collection

    def of_type(self, object_type: str) -> Collection | None:
        """Return the collection that a relationship points into, if the sandbox has it."""
        return self._types.get(object_type)

    def standing(self, object_type: str, identifier: str) -> Literal["active", "trashed", "missing"]:
        """Tell whether a relationship may point at a record; records of a type unknown here are taken on trust."""
        if object_type == "file":
            return "active" if identifier in self.storage.uploads else "missing"
        collection = self.of_type(object_type)
        if collection is None or identifier in collection.records:
            return "active"
        return "trashed" if identifier in collection.trash else "missing"

    def new_id(self, prefix: str) -> str:
        """Make up an id; the same ones in the same order for the same seed."""
        return f"{prefix}_cm{''.join(self._rng.choices(_ID_CHARACTERS, k=22))}"
