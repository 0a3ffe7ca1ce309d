"""The state of one sandbox."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import TYPE_CHECKING, Literal

from lightfield.testing._http.errors import not_found
from lightfield.testing._http.starts import StartLimit
from lightfield.testing._store.journal import Journal
from lightfield.testing._store.tables import Counts, Table

from .collections import Collection
from .history import History
from .record_types import RecordType
from .sources import Source
from .storage import Storage

if TYPE_CHECKING:
    from .documents import Answer, Merge, Run

if TYPE_CHECKING:
    from .outreach import Enrollment, Sender, Sequence, SequenceMessage, SequenceTest

_ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Workspace:
    """The state of one sandbox.

    Attributes:
        collections: The collections of records by name.
        history: The former values of fields.
        storage: The files.
        merges: The merges by id.
        runs: The enrichment runs by id.
        senders: The senders by id.
        sequences: The sequences by id.
        enrollments: The enrollments in sequences by id.
        sequence_messages: The messages of sequences, and the replies to them, by id.
        sequence_tests: The tests of sequences by id.
        test_starts: The limit on how many of them start in a minute; None for no limit.
        logged_message_ids: The ``Message-ID`` of each logged email by the id of its record.
        poll_counts: The number of status requests by id of the merge, run or test.
        answers: The responses to requests with an idempotency key.
        journal: Passes on what changes; every request is handled within it.
        late: What lists show if there is an index lag.
    """

    def __init__(self, record_types: Iterable[RecordType], sources: Mapping[str, Source], seed: int = 0) -> None:
        self.collections = {each.name: Collection(each, sources.get(each.name)) for each in record_types}
        self.history = History()
        self.storage = Storage()
        self.merges: Table[Merge] = Table()
        self.runs: Table[Run] = Table()
        self.senders: Table[Sender] = Table()
        self.sequences: Table[Sequence] = Table()
        self.enrollments: Table[Enrollment] = Table()
        self.sequence_messages: Table[SequenceMessage] = Table()
        self.sequence_tests: Table[SequenceTest] = Table()
        self.test_starts: StartLimit | None = StartLimit(5)
        self.logged_message_ids: Table[str] = Table()
        self.poll_counts = Counts()
        self.answers: Table[Answer] = Table()
        self.journal = Journal()
        self.late: Workspace | None = None
        self._seed = seed
        self._rng = Random(f"ids of {seed}")  # noqa: S311
        self._by_object_type = {each.record_type.object_type: each for each in self.collections.values()}

    @property
    def index(self) -> "Workspace":
        """The workspace as lists show it: this one, or with an index lag another one that follows it."""
        if self.late is None or self.journal.index is None:
            return self
        self.journal.index.update()
        return self.late

    @property
    def caller(self) -> str | None:
        """The id of the member to whom the API keys belong: the first one."""
        return next(iter(self.collections["members"].records), None)

    def custom_collection(self, slug: str) -> Collection:
        """Return the collection of a custom type."""
        collection = self.collections.get(slug)
        if collection is None or not collection.record_type.custom:
            raise not_found("objects")
        return collection

    def by_object_type(self, object_type: str) -> Collection | None:
        """Return the collection that a relationship points to, or None if the sandbox has none."""
        return self._by_object_type.get(object_type)

    def reference_status(self, object_type: str, identifier: str) -> Literal["active", "trashed", "missing"]:
        """Return the state of a related record; those of a type that the sandbox lacks count as active."""
        if object_type == "file":
            return "active" if identifier in self.storage.uploads else "missing"
        collection = self.by_object_type(object_type)
        if collection is None or identifier in collection.records:
            return "active"
        return "trashed" if identifier in collection.trash else "missing"

    def new_id(self, prefix: str) -> str:
        """Return a new id; the sequence depends on the seed only, and on the session if there is a store."""
        return random_id(self._rng, prefix)

    def begin_session(self, session: int) -> None:
        """Begin another sequence of new ids: the former sessions of a store have used the others."""
        if session > 1:
            self._rng = Random(f"ids of {self._seed} in session {session}")  # noqa: S311


def random_id(rng: Random, prefix: str) -> str:
    """Return a random id in the format of the API."""
    return f"{prefix}_cm{''.join(rng.choices(_ID_CHARACTERS, k=22))}"
