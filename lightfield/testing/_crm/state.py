"""All state of a workspace, as tables of documents."""

from collections.abc import Iterable, Mapping

import msgspec

from lightfield.testing._store.search_index import SearchIndex
from lightfield.testing._store.tables import Change, Table, Tracked

from .storage import Upload
from .workspace import Workspace

_DEFINITIONS, _CONTENTS, _UPLOADS = "definitions", "storage.contents", "storage.uploads"


def tables(workspace: Workspace) -> dict[str, Tracked]:
    """Return the tables of a workspace by name: every ``Table`` that is an attribute of it or of one of its parts."""
    found: dict[str, Tracked] = {}
    definitions = {name: each.definitions for name, each in workspace.collections.items()}
    for name, collection in workspace.collections.items():
        found |= {name: collection.records, f"{name}.trash": collection.trash}
    for name, part in vars(workspace).items():
        if isinstance(part, Table):
            found[name] = part
        elif not isinstance(part, Workspace):
            attributes: dict[str, object] = getattr(part, "__dict__", {})
            found |= {f"{name}.{key}": each for key, each in attributes.items() if isinstance(each, Table)}
    return {**found, _DEFINITIONS: Table(definitions)}


def restore(workspace: Workspace, changes: Iterable[Change]) -> None:
    """Make changes to a workspace that were made to another one with the same initial state."""
    current = tables(workspace)
    for change in changes:
        _apply(current, change)


def show_late(workspace: Workspace, late: Workspace, lag: float) -> None:
    """Have lists show changes to a workspace some seconds late; ``late`` is another one in the same state."""
    for name, collection in late.collections.items():
        collection.definitions = workspace.collections[name].definitions
    current = tables(late)

    def show(change: Change) -> None:
        if change.table not in {_DEFINITIONS, _CONTENTS}:  # shared, and not listed
            _apply(current, change)

    workspace.late = late
    workspace.journal.index = SearchIndex(show, lag)


def _apply(current: Mapping[str, Tracked], change: Change) -> None:
    table = current[change.table]
    if change.document is None:
        table.pop(change.id, None)
    elif change.table == _CONTENTS:
        table.put(change.id, change.document)
    elif change.table == _UPLOADS:
        table.put(change.id, msgspec.json.decode(change.document, type=Upload))
    elif change.table == _DEFINITIONS:
        table.peek(change.id).update(msgspec.json.decode(change.document))
    else:
        table.put(change.id, msgspec.json.decode(change.document))
