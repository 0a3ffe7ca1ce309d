"""API keys, and what each of them may do.

A key may do what its scopes say; one without scopes may do everything, as in the answer of ``auth.validate``.
"""

from collections.abc import Collection, Mapping
from typing import TypeAlias

from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.errors import forbidden, unauthorized

from .operations import OPERATIONS, Operation
from .routes import Call

Scopes: TypeAlias = frozenset[str]

_EVERYTHING: Scopes = frozenset()
_SCOPES = {scope for each in OPERATIONS.values() for scope in each.scopes if "{" not in scope}


class Keys:
    """The API keys of one workspace.

    Raises:
        TypeError: The scopes of a key are no collection of strings.
        ValueError: A key is empty, not printable ASCII or not unique, or a scope does not exist.
    """

    def __init__(self, api_key: str, keys: Mapping[str, Collection[str]]) -> None:
        _check_key("api_key", api_key)
        if api_key in keys:
            raise ValueError("keys has the api_key, which may do everything; give one of them another name")
        self._scopes = {f"Bearer {api_key}": _EVERYTHING}
        self._scopes |= {f"Bearer {key}": _checked(key, scopes) for key, scopes in keys.items()}

    def scopes(self, authorization: str | None) -> Scopes:
        """Return the scopes of the key in an ``Authorization`` header; 401 if there is no such key."""
        scopes = self._scopes.get(authorization or "")
        if scopes is None:
            raise unauthorized()
        return scopes


def check_scopes(operation: Operation, call: Call) -> None:
    """Raise 403 if the key of a call may not perform its operation."""
    if call.scopes:
        missing = sorted(_required(operation, call) - call.scopes)
        if missing:
            raise forbidden(f"The API key lacks the scope {' and '.join(missing)}.")


def _required(operation: Operation, call: Call) -> set[str]:
    required = {scope.format_map(call.params) for scope in operation.scopes}
    resource, _, action = operation.name.partition(".")
    if action == "list" and ("status", "trashed") in call.query and f"{resource}.restore" in OPERATIONS:
        required.update(OPERATIONS[f"{resource}.restore"].scopes)
    if operation.name == "enrichment_run.get_enrichment_run":
        required |= _scopes_of_run(call.workspace, call.params["runId"])
    return required & _SCOPES  # a path may name an unknown type, which is another error


def _scopes_of_run(workspace: Workspace, identifier: str) -> set[str]:
    run = workspace.runs.get(identifier)
    return {f"{run['entityType']}s:read"} if run else set()


def _checked(key: str, scopes: Collection[str]) -> Scopes:
    _check_key("each of keys", key)
    if isinstance(scopes, str):
        raise TypeError('the scopes in keys must be a collection, such as {"opportunities:read"}, not a str')
    if unknown := sorted(set(scopes) - _SCOPES):
        raise ValueError(f"keys has unknown scopes {unknown}; there are {', '.join(sorted(_SCOPES))}")
    return frozenset(scopes)


def _check_key(name: str, key: str) -> None:
    if not key or not key.isascii() or not key.isprintable() or key != key.strip():
        raise ValueError(f"{name} must be printable ASCII text without spaces around it")
