"""Tests of sequences, and their own limits."""

import msgspec

from lightfield.testing._crm.outreach import CHANNELS, Sequence, SequenceTest, Step, StepResult, Template
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.errors import not_found
from lightfield.testing._sequences.cadence import invalid_contacts
from lightfield.testing._sequences.errors import (
    raise_invalid_contacts,
    raise_issues,
    too_many_tests,
    wrong_draft_version,
)
from lightfield.testing._sequences.sequences import available_senders, channels, find_sequence, published_definition
from lightfield.testing._sequences.steps import publish_issues
from lightfield.testing._sequences.templates import People, compose, people

from .documents import without
from .routes import Call, Handler

_MAX_RUNNING = 10
_POLLS = 2


class _StartRequest(msgspec.Struct, rename="camel"):
    contact_id: str
    expected_version: str | None = None


def start(call: Call) -> object:
    """Start a test of the open draft, or of the published version if there is none."""
    request, workspace = call.body.read(_StartRequest), call.workspace
    sequence = find_sequence(workspace, call.params["id"])
    draft = sequence["draft"]
    if request.expected_version is not None and (draft is None or draft["version"] != request.expected_version):
        raise wrong_draft_version()
    test: SequenceTest = {
        "id": "",
        "sequenceId": sequence["id"],
        "contactId": request.contact_id,
        "status": "RUNNING",
        "target": "DRAFT" if draft else "PUBLISHED",
        "steps": _results(workspace, sequence, request.contact_id),
    }
    _check_limits(workspace)
    test["id"] = workspace.new_id("enr")
    workspace.sequence_tests[test["id"]] = test
    return without(test, "sequenceId", "steps")


def retrieve(call: Call) -> object:
    """Return a test; it runs for two requests, and has ended then."""
    workspace = call.workspace
    sequence, test = find_sequence(workspace, call.params["id"]), workspace.sequence_tests.get(call.params["testId"])
    if test is None or test["sequenceId"] != sequence["id"]:
        raise not_found("tests")
    workspace.poll_counts[test["id"]] += 1
    if test["status"] == "RUNNING" and workspace.poll_counts[test["id"]] > _POLLS:
        failed = any(step["outcome"] == "FAILED" for step in test["steps"])
        test["status"] = "FAILED" if failed else "COMPLETED"
        workspace.sequence_tests[test["id"]] = test
    shown = without(test, "sequenceId")
    if test["status"] == "RUNNING":
        shown["steps"] = [{**step, "outcome": "PENDING", "message": None, "error": None} for step in test["steps"]]
    return shown


def _check_limits(workspace: Workspace) -> None:
    running = sum(test["status"] == "RUNNING" for test in workspace.sequence_tests.values())
    if running >= _MAX_RUNNING:
        raise too_many_tests(f"{running} sequence tests are running: retry once one is COMPLETED or FAILED.")
    wait = workspace.test_starts.take() if workspace.test_starts else 0
    if wait:
        raise too_many_tests("More than 5 sequence tests were started in a minute.", wait)


def _results(workspace: Workspace, sequence: Sequence, contact_id: str) -> list[StepResult]:
    """Try every step for a contact, up to the first one that fails."""
    draft = sequence["draft"]
    definition = draft["definition"] if draft else published_definition(sequence)
    needed = channels(definition)
    raise_issues([*publish_issues(definition)])
    raise_invalid_contacts(invalid_contacts(workspace, [contact_id], needed))
    senders = available_senders(workspace, (draft or sequence)["senders"], needed)
    results: list[StepResult] = []
    for step in definition["steps"]:
        result: StepResult = {
            "stepId": step["id"],
            "type": step["type"],
            "name": step.get("name"),
            "mode": step.get("mode"),
            "outcome": "PENDING",
            "message": None,
            "error": None,
        }
        results.append(result)
        if any(each["outcome"] == "FAILED" for each in results):
            continue
        if step["type"] in CHANNELS:
            sender = senders[CHANNELS[step["type"]]][0]
            _compose(workspace, step, people(workspace, contact_id, sender), result)
        else:
            result["outcome"] = "SKIPPED"
    return results


def _compose(workspace: Workspace, step: Step, readers: People, result: StepResult) -> None:
    content, unfilled = compose(workspace, step, readers)
    if unfilled:
        reason = f"The contact has no value for {', '.join(unfilled)}, and there is no fallback."
        result["outcome"], result["error"] = "FAILED", {"code": "CONFIGURATION_ERROR", "message": reason}
    elif content["body"] is None:
        result["outcome"] = "SKIPPED"
    else:
        message: Template = {"body": content["body"]}
        if content["subject"] is not None:
            message["subject"] = content["subject"]
        result["outcome"], result["message"] = "COMPOSED", message


HANDLERS: dict[str, Handler] = {"sequence.start_test": start, "sequence.retrieve_test": retrieve}
