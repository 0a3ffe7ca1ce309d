"""Error responses of sequences."""

from collections.abc import Sequence
from typing import TypedDict

from lightfield.testing._http.errors import WireError, bad_request, conflict


class Issue(TypedDict):
    """A problem of a definition, and where it is."""

    param: str
    message: str


class InvalidContact(TypedDict):
    """A contact that cannot be enrolled, and why."""

    contactId: str
    reason: str


def raise_issues(issues: Sequence[Issue]) -> None:
    """Raise 400 ``invalid_configuration`` with all issues, if there are any."""
    if issues:
        raise _invalid_configuration("The definition has problems; see issues.", "issues", issues)


def raise_invalid_contacts(contacts: Sequence[InvalidContact]) -> None:
    """Raise 400 ``invalid_configuration`` with all contacts that cannot be enrolled, if there are any."""
    if contacts:
        message = "Some contacts cannot be enrolled; see invalidContacts."
        raise _invalid_configuration(message, "invalidContacts", contacts)


def not_published() -> WireError:
    """Return the error for a sequence that was never published."""
    return bad_request("The sequence has not been published: publish its draft.", code="sequence_not_published")


def no_selectable_sender(channel: str) -> WireError:
    """Return the error for a channel that no available sender sends on."""
    message = f"The sequence has no available sender for {channel}: add a healthy one to its draft."
    return bad_request(message, code="no_selectable_sender")


def unknown_reference(param: str, identifier: str) -> WireError:
    """Return the error for an id of a reviewer or sender that cannot be used."""
    message = f"'{identifier}' does not exist, or is archived."
    return bad_request(message, code="referenced_resource_missing", param=param)


def draft_not_found() -> WireError:
    """Return the error for a sequence without an open draft."""
    message = "The sequence has no open draft; updating it opens one."
    return WireError(404, {"error": {"type": "not_found", "message": message, "code": "draft_not_found"}})


def wrong_draft_version() -> WireError:
    """Return the error for an ``expectedVersion`` that is not the version of the open draft."""
    return conflict("'expectedVersion' is not the version of the open draft: retrieve the draft and retry.")


def too_many_tests(message: str, retry_after: int | None = None) -> WireError:
    """Return the error for a limit of sequence tests, which is none of the Write category."""
    headers = None if retry_after is None else {"Retry-After": str(retry_after)}
    return WireError(429, {"error": {"type": "too_many_requests", "message": message}}, headers)


def _invalid_configuration(message: str, name: str, values: object) -> WireError:
    error = {"type": "bad_request", "message": message, "code": "invalid_configuration", name: values}
    return WireError(400, {"error": error})
