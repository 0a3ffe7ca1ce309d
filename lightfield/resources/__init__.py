"""The resources of the API, one file for each, which is loaded on first use."""

from typing import TYPE_CHECKING

from lightfield._lazy import cannot_load, lazy_names

if TYPE_CHECKING:
    from .accounts import Accounts
    from .auth import Auth
    from .contacts import Contacts
    from .emails import Emails
    from .enrichment_runs import EnrichmentRuns
    from .files import Files
    from .lists import Lists
    from .meetings import Meetings
    from .merges import Merges
    from .notes import Notes
    from .objects import Objects
    from .opportunities import Opportunities
    from .readable import Channels, Members, Messages
    from .senders import Senders
    from .sequences import Sequences
    from .tasks import Tasks
    from .workflow_runs import WorkflowRuns

_HOMES = {
    "accounts": ["Accounts"],
    "auth": ["Auth"],
    "contacts": ["Contacts"],
    "emails": ["Emails"],
    "enrichment_runs": ["EnrichmentRuns"],
    "files": ["Files"],
    "lists": ["Lists"],
    "meetings": ["Meetings"],
    "merges": ["Merges"],
    "notes": ["Notes"],
    "objects": ["Objects"],
    "opportunities": ["Opportunities"],
    "readable": ["Channels", "Members", "Messages"],
    "senders": ["Senders"],
    "sequences": ["Sequences"],
    "tasks": ["Tasks"],
    "workflow_runs": ["WorkflowRuns"],
}

__all__ = [
    "Accounts",
    "Auth",
    "Channels",
    "Contacts",
    "Emails",
    "EnrichmentRuns",
    "Files",
    "Lists",
    "Meetings",
    "Members",
    "Merges",
    "Messages",
    "Notes",
    "Objects",
    "Opportunities",
    "Senders",
    "Sequences",
    "Tasks",
    "WorkflowRuns",
]

if not TYPE_CHECKING:  # so that checkers report a misspelt name
    _load, __dir__ = lazy_names(__name__, _HOMES)

    def __getattr__(name: str) -> object:
        try:
            return _load(name)
        except OSError as error:
            failure = cannot_load("a resource", error)
        raise failure
