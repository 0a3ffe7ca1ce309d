"""Background runs, and validation of the API key."""

import msgspec

from lightfield.testing._crm.documents import Run
from lightfield.testing._crm.timestamps import current_timestamp
from lightfield.testing._http.errors import bad_request, not_found, unknown_field

from .routes import Call, Handler

_TARGETS = {
    "contacts": ("email", "title", "phone", "linkedIn", "profilePhotoUrl"),
    "accounts": ("website", "industry", "headcount", "lastFundingType", "linkedIn", "primaryAddress"),
}
_IDENTIFYING = {"contacts": {"name", "email", "linkedIn"}, "accounts": {"name", "website", "linkedIn"}}


class _EnrichRequest(msgspec.Struct):
    fields: list[str] | None = None


def enrich(call: Call) -> object:
    """Start an enrichment run for a contact or an account."""
    slug, request = call.params["entitySlug"], call.body.read(_EnrichRequest)
    if slug not in _TARGETS:
        raise bad_request("Only contacts and accounts can be enriched.", param="entitySlug")
    record = call.workspace.collections[slug].active(call.params["entityId"])
    targets = list(_TARGETS[slug]) if request.fields is None else _check_targets(slug, request.fields)
    if not targets:
        return {"status": "skipped", "reason": "no_targets", "enrichmentRun": None}
    for run in call.workspace.runs.values():
        if run["entityId"] == record["id"] and run["status"] != "completed":
            return {"status": "already_running", "reason": None, "enrichmentRun": run}
    run = _queue_run(call, slug, record["id"], targets)
    return {"status": "started", "reason": None, "enrichmentRun": dict(run)}


def enrichment(call: Call) -> object:
    """Return a run; it is queued on the first request, then running, then completed."""
    run = call.workspace.runs.get(call.params["runId"])
    if run is None:
        raise not_found("enrichmentRun")
    call.workspace.poll_counts[run["id"]] += 1
    polls, timestamp = call.workspace.poll_counts[run["id"]], current_timestamp()
    if polls > 1 and run["status"] == "queued":
        run["status"], run["startedAt"], run["updatedAt"] = "running", timestamp, timestamp
    elif polls > 1 and run["status"] == "running":
        run["status"], run["completedAt"], run["updatedAt"] = "completed", timestamp, timestamp
    call.workspace.runs[run["id"]] = run
    return run


def workflow(call: Call) -> object:
    """Return the status of a workflow run; any id is running for two requests, then completed."""
    key = f"workflow run {call.params['runId']}"
    call.workspace.poll_counts[key] += 1
    return {"status": "running" if call.workspace.poll_counts[key] <= 2 else "completed"}


def validate(call: Call) -> object:
    """Return the permissions of the API key."""
    return {"active": True, "scopes": sorted(call.scopes), "subjectType": "user", "tokenType": "api_key"}


def _check_targets(slug: str, fields: list[str]) -> list[str]:
    for name in fields:
        if name not in {*_TARGETS[slug], *_IDENTIFYING[slug]}:
            raise unknown_field(slug, name, "fields")
    if fields == ["phone"] or _IDENTIFYING[slug] <= set(fields):
        message = "The remaining fields do not identify the record."
        raise bad_request(message, code="enrichment_fields_not_enrichable", param="fields")
    return fields


def _queue_run(call: Call, slug: str, identifier: str, targets: list[str]) -> Run:
    timestamp = current_timestamp()
    run: Run = {
        "id": call.workspace.new_id("run"),
        "entityId": identifier,
        "entityType": slug.removesuffix("s"),
        "status": "queued",
        "trigger": "manual",
        "targetFields": targets,
        "createdAt": timestamp,
        "startedAt": None,
        "completedAt": None,
        "updatedAt": timestamp,
    }
    call.workspace.runs[run["id"]] = run
    return run


HANDLERS: dict[str, Handler] = {
    "auth.validate": validate,
    "enrichment_run.enrich": enrich,
    "enrichment_run.get_enrichment_run": enrichment,
    "workflow_run.status": workflow,
}
