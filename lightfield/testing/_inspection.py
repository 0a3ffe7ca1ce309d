"""Looking into a sandbox: its records, definitions and files, which a test may change."""

from lightfield.testing._crm.collections import Collection
from lightfield.testing._crm.definitions import Definitions
from lightfield.testing._crm.documents import File
from lightfield.testing._crm.records import Records
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._names import check_name


class Inspection:
    """What gives access to the state of a workspace."""

    _workspace: Workspace

    @property
    def opportunities(self) -> Records:
        """The opportunities by id; tests may read, change, add and remove them."""
        return self.records("opportunities")

    @property
    def opportunity_ids(self) -> list[str]:
        """The ids of the opportunities in creation order."""
        return self.ids("opportunities")

    @property
    def files(self) -> dict[str, File]:
        """The files that were created, by id."""
        return {key: upload.file for key, upload in self._workspace.storage.uploads.items() if upload.write_signature}

    def records(self, collection: str) -> Records:
        """Return the documents of a collection by id; tests may read, change, add and remove them.

        They behave like a dict, of which ``copy()`` and ``copy.deepcopy`` make one.

        A store keeps what a test assigns or removes with the next request, and what it changes within a document when
        the sandbox stops. With an index lag, lists show the former to the next request, and the latter only after it
        is put back, ``records[id] = record``, or after ``refresh_index``.

        Args:
            collection: ``accounts``, ``contacts``, ``opportunities``, ``meetings``, ``notes``, ``tasks``, ``lists``,
                ``members``, ``emails``, ``channels``, ``messages``, or the custom type ``project``.

        Raises:
            ValueError: There is no such collection.
        """
        return self._collection(collection).records

    def ids(self, collection: str) -> list[str]:
        """Return the ids of a collection in creation order."""
        return list(self.records(collection))

    def trash(self, collection: str) -> Records:
        """Return the deleted documents of a collection by id."""
        return self._collection(collection).trash

    def definitions(self, collection: str) -> Definitions:
        """Return the fields and relationships of a collection; tests may add their own."""
        return self._collection(collection).definitions

    def content(self, file_id: str) -> bytes | None:
        """Return the uploaded content of a file, or None."""
        storage = self._workspace.storage
        return storage.contents.get(storage.uploads[file_id].file["id"])

    def _collection(self, name: str) -> Collection:
        check_name("collection", name, self._workspace.collections)
        return self._workspace.collections[name]

    def refresh_index(self) -> None:
        """Have lists show everything from the next request on, without waiting for the index lag."""
        self._workspace.journal.refresh()
