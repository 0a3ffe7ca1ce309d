"""The query parameters that each operation documents."""

from lightfield.testing._http.errors import bad_request

from .operations import Operation
from .routes import Call

_FILTERED = {
    "account.list",
    "contact.list",
    "object.list",
    "opportunity.list",
    "sender.list",
    "sequence.list",
    "sequence.list_enrollments",
    "sequence.list_messages",
    "task.list",
}
_WITH_STATUS = {"meeting.list", "note.list"}


def check_parameters(operation: Operation, call: Call) -> None:
    """Raise for a parameter that the operation does not document, if the sandbox is strict.

    Lists that take filters check their parameters themselves.
    """
    if not call.query or not call.body.strict or operation.name in {"", *_FILTERED}:
        return
    documented = _documented(operation)
    for name, _ in call.query:
        if name not in documented:
            message = f"'{name}' is not a documented parameter of {operation.name}; Sandbox(strict=False) allows it."
            raise bad_request(message, code="unknown_field", param=name)


def _documented(operation: Operation) -> set[str]:
    if operation.name.endswith(".field_history"):
        return {"limit", "after"}
    if operation.category != "Search":
        return set()
    return {"limit", "offset", "status"} if operation.name in _WITH_STATUS else {"limit", "offset"}
