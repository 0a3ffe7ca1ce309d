"""The variables of templates: ``{{ coalesce({col:firstName}, "there") }}``.

Those that read a field name it by its id, so fields without one have none.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple, TypeAlias

from lightfield.testing._crm.collections import Collection
from lightfield.testing._crm.definitions import FieldDefinition
from lightfield.testing._crm.documents import Record, Value
from lightfield.testing._crm.outreach import Content, Sender, Step
from lightfield.testing._crm.values import display_value
from lightfield.testing._crm.workspace import Workspace

People: TypeAlias = Mapping[str, Mapping[str, Value]]
"""The values of the contact, its first account and the sender, by the group of variables that reads them."""

_PRINTABLE = {"TEXT", "NUMBER", "CURRENCY", "DATETIME", "SINGLE_SELECT", "FULL_NAME", "EMAIL", "URL"}
_BRACES = re.compile(r"\{\{(.*?)\}\}(?!\})", re.DOTALL)
_VARIABLE = re.compile(r'\{\{\s*coalesce\(\s*(\{[^{}]*\})\s*,\s*"([^"]*)"\s*\)\s*\}\}')


class Variable(NamedTuple):
    """One variable: the key of the value that it prints, or of a part of it, and the field if that has an id."""

    group: str
    label: str
    key: str
    part: str = ""
    field: FieldDefinition | None = None

    def text(self, people: People) -> str:
        """Return what the variable prints; empty if there is no value."""
        value = people[self.group].get(self.key)
        if self.part and isinstance(value, dict):
            value = value.get(self.part)
        return display_value(value, self.field)


def variables(workspace: Workspace) -> dict[str, Variable]:
    """Return the variables by reference, such as ``{col:firstName}``."""
    contacts, accounts = workspace.collections["contacts"], workspace.collections["accounts"]
    return {
        "{col:firstName}": Variable("contact", "First name", "$name", "firstName"),
        "{col:lastName}": Variable("contact", "Last name", "$name", "lastName"),
        **_fields(contacts, "contact", "attr:"),
        "{rel:account.col:name}": Variable("account", "Account name", "$name"),
        **_fields(accounts, "account", "rel:account."),
        "{rel:sender.col:name}": Variable("sender", "Sender name", "name"),
        "{rel:sender.col:email}": Variable("sender", "Sender email", "email"),
    }


def people(workspace: Workspace, contact_id: str, sender: Sender) -> People:
    """Return the values that the variables of a message print."""
    contact = workspace.collections["contacts"].peek(contact_id)
    related = contact["relationships"].get("$account") if contact else None
    account = workspace.collections["accounts"].peek(related["values"][0]) if related and related["values"] else None
    owner = workspace.collections["members"].peek(sender["owner"] or "")
    own: dict[str, Value] = {"name": _values(owner).get("$name"), "email": sender["emailAddress"]}
    return {"contact": _values(contact), "account": _values(account), "sender": own}


def problems(workspace: Workspace, text: str) -> Iterator[str]:
    """Yield what is wrong with each variable of a template."""
    known = variables(workspace)
    for place in _BRACES.finditer(text):
        found, content = _VARIABLE.fullmatch(place[0]), place[1].strip()
        if content in known:
            yield f'{place[0]} needs a fallback: {{{{ coalesce({content}, "fallback") }}}}.'
        elif found is None or found[1] not in known:
            yield f"{place[0]} is not a variable; GET /v1/sequences/template/variables lists those there are."


def compose(workspace: Workspace, step: Step, readers: People) -> tuple[Content, list[str]]:
    """Write the message of a step; also return the variables that have neither a value nor a fallback.

    There is no agent: where one would write, the message is the prompt, and its subject the name of the step.
    """
    if step["type"] == "LINKEDIN_INVITE" and not step.get("includeNote"):
        return {"subject": None, "body": None}, []
    template = step.get("template")
    if template is None:
        return {"subject": step.get("name") if step["type"] == "EMAIL" else None, "body": step.get("prompt")}, []
    unfilled: list[str] = []
    fill = partial(_fill, variables(workspace), readers, unfilled)
    subject = template.get("subject")
    body = _VARIABLE.sub(fill, template["body"])
    return {"subject": None if subject is None else _VARIABLE.sub(fill, subject), "body": body}, unfilled


def _fill(known: Mapping[str, Variable], readers: People, unfilled: list[str], place: re.Match[str]) -> str:
    reference, fallback = place[1], place[2]
    text = known[reference].text(readers) if reference in known else ""
    if not text and not fallback:
        unfilled.append(reference)
    return text or fallback


def _fields(collection: Collection, group: str, prefix: str) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    for key, definition in collection.definitions["fieldDefinitions"].items():
        identifier, value_type = definition.get("id"), definition["valueType"]
        if identifier and value_type in _PRINTABLE:
            suffix = ".label" if value_type == "SINGLE_SELECT" else ""
            found[f"{{{prefix}{identifier}{suffix}}}"] = Variable(group, definition["label"], key, "", definition)
    return found


def _values(record: Record | None) -> dict[str, Value]:
    return {key: field["value"] for key, field in record["fields"].items()} if record else {}
