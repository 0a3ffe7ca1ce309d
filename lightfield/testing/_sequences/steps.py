"""What may be in the definition of a sequence, and what becomes of one that is sent."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, cast

import msgspec
from msgspec import UnsetType

from lightfield.testing._crm.outreach import CHANNELS, Definition, SendWindow, Step
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.errors import missing_param

from .definition_bodies import DefinitionChange, NewDefinition
from .errors import Issue, raise_issues
from .templates import problems

_SENDING = {"id", "type", "name", "deliveryMode", "mode", "prompt", "template"}
_WAITING = {"id", "type", "duration", "unit"}
_MEMBERS: Mapping[str, set[str]] = {
    "EMAIL": _SENDING,
    "LINKEDIN_MESSAGE": _SENDING,
    "LINKEDIN_INVITE": {*_SENDING, "includeNote"},
    "WAIT": _WAITING,
    "WAIT_FOR_CONNECTION": _WAITING,
}


def initial_definition() -> Definition:
    """Return an empty definition with the documented defaults."""
    return {
        "description": "",
        "messaging": {"callToAction": None, "persona": None, "trigger": None, "valueProp": None},
        "pacing": {each: {"dailyLimit": None} for each in CHANNELS},
        "priority": "NORMAL",
        "sendWindow": {"daysOfWeek": [1, 2, 3, 4, 5], "startHour": 9, "endHour": 17, "timezone": "UTC"},
        "steps": [],
    }


def changed_definition(
    workspace: Workspace, change: DefinitionChange | NewDefinition | UnsetType, current: Definition | None = None
) -> Definition:
    """Return a definition with some parts changed; without a current one, the rest has the documented defaults.

    Raises:
        WireError: 400 ``parameter_missing`` for what a step lacks, ``invalid_configuration`` with all other issues.
    """
    definition = initial_definition() if current is None else deepcopy(current)
    sent: dict[str, Any] = {} if isinstance(change, UnsetType) else msgspec.to_builtins(change)
    issues: list[Issue] = []
    if "steps" in sent:
        reader = _StepReader(workspace, definition["steps"], issues)
        sent["steps"] = [reader.read(*each) for each in enumerate(sent["steps"])]
    whole = cast("dict[str, Any]", definition)
    for key, value in sent.items():
        whole[key] = {**whole[key], **value} if isinstance(value, dict) else value
    raise_issues([*issues, *_window_issues(definition["sendWindow"])])
    return definition


def publish_issues(definition: Definition) -> Iterator[Issue]:
    """Yield what keeps a definition from being published or tested."""
    if not any(step["type"] in CHANNELS for step in definition["steps"]):
        yield {"param": "definition.steps", "message": "No step sends anything."}


class _StepReader:
    """Reads the steps of a definition in order; those with an id are kept from the current ones."""

    def __init__(self, workspace: Workspace, current: Sequence[Step], issues: list[Issue]) -> None:
        self._workspace = workspace
        self._current = {step["id"]: step for step in current}
        self._order = [step["id"] for step in current]
        self._issues = issues

    def read(self, index: int, sent: dict[str, Any]) -> Step:
        """Return a step as it is stored; add to the issues what is wrong with it."""
        param = f"definition.steps[{index}]"
        kept = self._kept(param, sent) if "id" in sent else None
        for name in sorted(sent.keys() - _MEMBERS[sent["type"]]):
            self._report(f"{param}.{name}", f"A step of type {sent['type']} has no {name}.")
        if sent["type"] not in CHANNELS:
            _require(sent, ("duration", "unit"), param)
            own = {"duration": sent["duration"], "unit": sent["unit"]}
        else:
            _require(sent, ("name", "deliveryMode"), param)
            own = {"name": sent["name"], "deliveryMode": sent["deliveryMode"], **self._content(param, sent, kept)}
        if sent["type"] == "LINKEDIN_INVITE":
            own["includeNote"] = sent.get("includeNote", kept is not None and kept.get("includeNote", False))
        identifier = sent["id"] if "id" in sent else self._workspace.new_id("stp")
        return cast("Step", {"id": identifier, "type": sent["type"], **own})

    def _kept(self, param: str, sent: dict[str, Any]) -> Step | None:
        identifier = sent["id"]
        kept = self._current.get(identifier)
        if kept is None:
            self._report(f"{param}.id", f"'{identifier}' is not a step of the current draft; omit it for a new step.")
        elif identifier not in self._order:
            self._report(f"{param}.id", "Kept steps must stay in their order, and each may be sent once.")
        else:
            self._order = self._order[self._order.index(identifier) + 1 :]
        if kept is not None and kept["type"] != sent["type"]:
            self._report(f"{param}.type", f"A kept step must keep its type, {kept['type']}.")
        return kept

    def _content(self, param: str, sent: dict[str, Any], kept: Step | None) -> dict[str, object]:
        mode = "TEMPLATE" if "template" in sent else "AGENT"
        if mode == "AGENT":
            _require(sent, ("prompt",), param)
        elif "prompt" in sent:
            self._report(param, "A step has a prompt or a template, not both.")
        if sent.get("mode", mode) != mode:
            self._report(f"{param}.mode", f"A step with a {'prompt' if mode == 'AGENT' else 'template'} is {mode}.")
        if mode == "AGENT":
            if kept is not None and "template" in kept and "mode" not in sent:
                self._report(f"{param}.mode", "To replace the template by the prompt, send mode AGENT.")
            return {"mode": mode, "prompt": sent["prompt"]}
        self._check_template(f"{param}.template", sent)
        return {"mode": mode, "template": sent["template"]}

    def _check_template(self, param: str, sent: dict[str, Any]) -> None:
        template: dict[str, str] = sent["template"]
        if sent["type"] == "EMAIL":
            _require(template, ("subject",), param)
        elif "subject" in template:
            self._report(f"{param}.subject", "Only an email has a subject.")
        for name, text in template.items():
            for problem in problems(self._workspace, text):
                self._report(f"{param}.{name}", problem)

    def _report(self, param: str, message: str) -> None:
        self._issues.append({"param": param, "message": message})


def _require(sent: Mapping[str, object], names: tuple[str, ...], param: str) -> None:
    for name in names:
        if name not in sent:
            raise missing_param(f"{param}.{name}")


def _window_issues(window: SendWindow) -> Iterator[Issue]:
    if window["endHour"] <= window["startHour"]:
        yield {"param": "definition.sendWindow.endHour", "message": "The window must end after it starts."}
    if not _is_zone(window["timezone"]):
        yield {"param": "definition.sendWindow.timezone", "message": "There is no such time zone."}


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return not available_timezones()  # Windows has none of its own: any name may be right
    return True
