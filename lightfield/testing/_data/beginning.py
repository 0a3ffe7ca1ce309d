"""The workspace that a sandbox starts with: the initial records, and what an earlier one has kept of its changes."""

import os
from collections.abc import Container
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from lightfield.testing._crm.state import restore, show_late, tables
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._settings import Settings

from .outreach import seed_outreach
from .pipelines import stages
from .record_types import record_types
from .related import initial_records

if TYPE_CHECKING:
    from lightfield.testing._store.store import Store
    from lightfield.testing._store.tables import Change

_OPTIONS = ("opportunities", "seed", "pipelines")
"""The options that determine the initial records."""


def begin(chosen: Settings, given: Container[str]) -> tuple[Settings, Workspace]:
    """Return the settings and the workspace of a new sandbox.

    The options that determine the initial records are those with which the store was begun, if there is one. ``given``
    names the options that the caller has given; if one of them differs, this raises ValueError.
    """
    store = None if chosen.store is None else _store(chosen, chosen.store)
    changes: list[Change] = []
    if store is not None:
        with closing(store):
            store.open()
            chosen = _as_begun(store, chosen, given)
            store.claim()
            changes = store.read()
    workspace = _restored(chosen, changes)
    if store is not None:
        workspace.begin_session(store.session)
        workspace.journal.store = store
    if chosen.index_lag:
        show_late(workspace, _restored(chosen, changes), chosen.index_lag)
    if store is not None or chosen.index_lag:
        workspace.journal.begin(tables(workspace))
    return chosen, workspace


def _store(chosen: Settings, path: str | os.PathLike[str]) -> "Store":
    from lightfield.testing._store.store import Store  # not without need, because of sqlite3

    return Store(path, _beginning(chosen))


def _restored(chosen: Settings, changes: "list[Change]") -> Workspace:
    initial = initial_records(chosen.seed, chosen.opportunities, stages(chosen.pipelines))
    workspace = Workspace(record_types(chosen.pipelines), initial, chosen.seed)
    seed_outreach(workspace)
    if chosen.rate_limit is None:
        workspace.test_starts = None
    restore(workspace, changes)
    return workspace


def _beginning(chosen: Settings) -> str:
    pipelines = {name: list(stages) for name, stages in chosen.pipelines.items()}
    return msgspec.json.encode({name: getattr(chosen, name) for name in _OPTIONS} | {"pipelines": pipelines}).decode()


def _as_begun(store: "Store", chosen: Settings, given: Container[str]) -> Settings:
    wanted, begun = (msgspec.json.decode(each) for each in (_beginning(chosen), store.beginning))
    texts = [{name: msgspec.json.encode(each[name]) for name in _OPTIONS} for each in (wanted, begun)]  # ordered
    if differing := [name for name in _OPTIONS if name in given and texts[0][name] != texts[1][name]]:
        stated = ", ".join(f"{name}={begun[name]!r}" for name in differing)
        advice = "leave this out to go on with it, or name another file"
        raise ValueError(f"the store {chosen.store} was begun with {stated}: {advice}")
    return msgspec.structs.replace(chosen, **begun)
