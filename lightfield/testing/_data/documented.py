"""What the documentation mentions by its id: it exists in every sandbox, whatever the seed."""

from lightfield.testing._crm.documents import Record, Value

OPPORTUNITY = "opp_cm9uvw890xyz123"
ACCOUNT = "acc_cm4stu901uvw234"
MEMBER = "mem_cm1abc123def456"
STAGE = "opt_01abc2def3ghi4jkl5mno6pqr"
FIRST_PRODUCT, SECOND_PRODUCT = "opt_p1", "opt_p2"


def as_documented(record: Record) -> Record:
    """Return an opportunity with the id, the values and the relationships of the documentation."""
    values: dict[str, Value] = {
        "$name": "Enterprise Platform Deal",
        "$amount": 180_000,
        "$closeDate": "2026-12-15T10:00:00.000Z",
        "$nextStep": "Final pricing sign-off with legal",
        "$lastInteractionAt": None,
        "priority": 1,
        "products": [FIRST_PRODUCT, SECOND_PRODUCT],
        "approved": False,
    }
    related = {
        "$owner": [MEMBER],
        "$createdBy": [MEMBER],
        "$task": ["tsk_1", "tsk_2"],
        "$note": [],
        "$meeting": ["mtg_1"],
    }
    for key, value in values.items():
        record["fields"][key]["value"] = value
    for key, identifiers in related.items():
        record["relationships"][key]["values"] = identifiers
    link = f"https://crm.lightfield.app/crm/opportunities/{OPPORTUNITY}"
    return {**record, "id": OPPORTUNITY, "externalId": None, "httpLink": link}
