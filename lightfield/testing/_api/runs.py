"""How far is what the API does in the background?"""

import msgspec

from lightfield.testing._crm.documents import Run
from lightfield.testing._crm.timestamps import iso, now
from lightfield.testing._http.errors import bad_request, no_record, unknown_field

from .routes import Call, Route

_TARGETS = {
    "contacts": ("email", "title", "phone", "linkedIn", "profilePhotoUrl"),
    "accounts": ("website", "industry", "headcount", "lastFundingType", "linkedIn", "primaryAddress"),
}
_IDENTIFIERS = {"contacts": {"name", "email", "linkedIn"}, "accounts": {"name", "website", "linkedIn"}}


class _Asked(msgspec.Struct):
    fields: list[str] | None = None


def enrich(call: Call) -> object:
    """Start to enrich a contact or an account."""
    slug, asked = call.params["entitySlug"], call.body.read(_Asked)
    if slug not in _TARGETS:
        raise bad_request("Only contacts and accounts can be enriched.", param="entitySlug")
    record = call.workspace.collections[slug].active(call.params["entityId"])
    targets = list(_TARGETS[slug]) if asked.fields is None else _named(slug, asked.fields)
    if not targets:
        return {"status": "skipped", "reason": "no_targets", "enrichmentRun": None}
    for run in call.workspace.runs.values():
        if run["entityId"] == record["id"] and run["status"] != "completed":
            return {"status": "already_running", "reason": None, "enrichmentRun": run}
    run = _queued(call, slug, record["id"], targets)
    return {"status": "started", "reason": None, "enrichmentRun": dict(run)}


def enrichment(call: Call) -> object:
    """Return a run: queued when it is asked for first, then running, then completed."""
    run = call.workspace.runs.get(call.params["runId"])
    if run is None:
        raise no_record("enrichmentRun")
    call.workspace.polls[run["id"]] += 1
    times, moment = call.workspace.polls[run["id"]], iso(now())
    if times > 1 and run["status"] == "queued":
        run["status"], run["startedAt"], run["updatedAt"] = "running", moment, moment
    elif times > 1 and run["status"] == "running":
        run["status"], run["completedAt"], run["updatedAt"] = "completed", moment, moment
    return run


def workflow(call: Call) -> object:
    """Return the status of a workflow run: any id is running twice, and then completed."""
    asked = f"workflow run {call.params['runId']}"
    call.workspace.polls[asked] += 1
    return {"status": "running" if call.workspace.polls[asked] <= 2 else "completed"}


def validate(_: Call) -> object:
    """Tell what the key may do: everything."""
    return {"active": True, "scopes": [], "subjectType": "user", "tokenType": "api_key"}


def _named(slug: str, fields: list[str]) -> list[str]:
    for name in fields:
        if name not in {*_TARGETS[slug], *_IDENTIFIERS[slug]}:
            raise unknown_field(slug, name, "fields")
    if fields == ["phone"] or _IDENTIFIERS[slug] <= set(fields):
        message = "What remains does not identify the record."
        raise bad_request(message, code="enrichment_fields_not_enrichable", param="fields")
    return fields


def _queued(call: Call, slug: str, identifier: str, targets: list[str]) -> Run:
    moment = iso(now())
    run: Run = {
        "id": call.workspace.new_id("run"),
        "entityId": identifier,
        "entityType": slug.removesuffix("s"),
        "status": "queued",
        "trigger": "manual",
        "targetFields": targets,
        "createdAt": moment,
        "startedAt": None,
        "completedAt": None,
        "updatedAt": moment,
    }
    call.workspace.runs[run["id"]] = run
    return run


ROUTES = (
    Route("GET", "/v1/auth/validate", "Read", validate),
    Route("POST", "/v1/enrichmentRun/{entitySlug}/{entityId}", "Write", enrich),
    Route("GET", "/v1/enrichmentRun/{runId}", "Read", enrichment),
    Route("GET", "/v1/workflowRun/{runId}/status", "Read", workflow),
)
