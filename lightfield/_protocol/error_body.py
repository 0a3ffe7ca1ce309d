"""What the body of an error response says, and what is left of it in the message of an exception."""

import re
from collections.abc import Mapping
from typing import cast

_LABEL = re.compile(r"(?P<status>\d{3})( (?P<type>.+?))?: ")


def error_details(body: object) -> Mapping[object, object]:
    """Return the members of an error body: the API nests them under ``error`` or leaves them flat."""
    if not isinstance(body, Mapping):
        return {}
    members = cast("Mapping[object, object]", body)
    inner = members.get("error")
    return cast("Mapping[object, object]", inner) if isinstance(inner, Mapping) else members


def texts_of(body: object) -> tuple[str | None, str | None, str | None, str | None]:
    """Return the type, code, param and message of an error body, each if it is a text."""
    details = error_details(body)
    kind, code, param, message = (
        value if isinstance(value := details.get(name), str) else None for name in ("type", "code", "param", "message")
    )
    return kind, code, param, message


def label_of(message: str, status: int) -> tuple[int, str | None]:
    """Return the status and the type with which the message of an exception begins, if it is one of the API.

    Args:
        message: Such as ``404 not_found: No such account. [GET /v1/accounts/acc_1]``.
        status: The status of its class, instead of one that this class does not stand for.
    """
    label = _LABEL.match(message)
    if label is None:
        return status, None
    stands_for_several = status in {0, 500}
    return max(status, int(label["status"])) if stands_for_several else status, label["type"]
