"""Fields and relationships of each record type.

Keys that begin with ``$`` are those of the API, as far as documented; the others are custom.
"""

from lightfield.testing._crm.definitions import choice, describe, field, handle, many, one, select, texts
from lightfield.testing._data import vocabulary

_PRIVACY = {"FULL": "FULL", "METADATA": "METADATA"}

ACCOUNT = describe(
    "account",
    {
        "$name": field("TEXT"),
        "$website": texts("URL"),
        "$industry": select("opt_industry_", vocabulary.INDUSTRIES, many=True),
        "$headcount": choice(vocabulary.HEADCOUNTS),
        "$lastFundingType": select("opt_funding_", vocabulary.FUNDING),
        "$linkedIn": handle("LINKEDIN"),
        "$twitter": handle("TWITTER"),
        "$facebook": handle("FACEBOOK"),
        "$instagram": handle("INSTAGRAM"),
        "$primaryAddress": field("ADDRESS"),
        "$howTheyMakeMoney": field("MARKDOWN", read_only=True),
        "$accountStatus": select("opt_account_", ("Prospect", "Customer"), read_only=True),
        "$lastInteractionAt": field("DATETIME", read_only=True),
        "icp-score": field("NUMBER"),
        "tier": select("opt_tier_", ("Gold", "Silver", "Bronze")),
    },
    {
        "$owner": one("member"),
        "$contact": many("contact"),
        "$opportunity": many("opportunity", read_only=True),
        "$task": many("task", read_only=True),
        "$note": many("note", read_only=True),
        "$meeting": many("meeting", read_only=True),
        "$files": many("file", read_only=True),
    },
)

CONTACT = describe(
    "contact",
    {
        "$name": field("FULL_NAME"),
        "$email": texts("EMAIL"),
        "$title": field("TEXT"),
        "$phone": texts("TELEPHONE"),
        "$profilePhotoUrl": field("URL"),
        "$linkedIn": handle("LINKEDIN"),
        "$instagram": handle("INSTAGRAM"),
        "$doNotContact": field("CHECKBOX"),
        "language": select("opt_language_", ("English", "German")),
    },
    {"$account": many("account"), "$files": many("file", read_only=True)},
)

OPPORTUNITY = describe(
    "opportunity",
    {
        "$name": field("TEXT"),
        "$stage": choice(vocabulary.STAGES),
        "$opportunityStatus": select("opt_status_", ("Open", "Won", "Lost"), read_only=True),
        "$amount": field("CURRENCY", {"currency": "USD"}),
        "$closeDate": field("DATETIME"),
        "$nextStep": field("TEXT"),
        "$lastInteractionAt": field("DATETIME", read_only=True),
        "$opportunitySummary": field("MARKDOWN", read_only=True),
        "priority": field("NUMBER"),
        "win-probability": field("NUMBER"),
        "products": choice(vocabulary.PRODUCTS, many=True),
        "approved": field("CHECKBOX"),
        "billing-address": field("ADDRESS"),
        "documents": texts("URL"),
        "billing-contacts": texts("EMAIL"),
        "switchboard": texts("TELEPHONE"),
        "signatory": field("FULL_NAME"),
    },
    {
        "$account": one("account"),
        "$owner": one("member"),
        "$createdBy": one("member"),
        "$champion": one("contact"),
        "$evaluator": one("contact"),
        "$task": many("task", read_only=True),
        "$note": many("note", read_only=True),
        "$meeting": many("meeting", read_only=True),
        "$files": many("file", read_only=True),
        "follows": {
            **many("opportunity"),
            "directions": {
                "asSource": {"cardinality": "HAS_ONE", "label": "Follows"},
                "asDestination": {"cardinality": "HAS_MANY", "label": "Is followed by"},
            },
        },
    },
)

MEETING = describe(
    "meeting",
    {
        "$title": field("TEXT"),
        "$startDate": field("DATETIME"),
        "$endDate": field("DATETIME"),
        "$description": field("TEXT"),
        "$meetingUrl": field("URL"),
        "$organizerEmail": field("EMAIL"),
        "$attendeeEmails": texts("EMAIL"),
        "$privacySetting": choice(_PRIVACY),
        "$meetingPrep": field("MARKDOWN"),
        "$postMeetingSummary": field("MARKDOWN"),
        "$manuallyAddedAttendeeEmails": texts("EMAIL", read_only=True),
        "$manuallyRemovedAttendeeEmails": texts("EMAIL", read_only=True),
    },
    {
        "$transcript": one("file"),
        "$transcripts": many("file", read_only=True),
        "$note": many("note", read_only=True),
        "$contact": many("contact", read_only=True),
        "$account": many("account", read_only=True),
        "$opportunity": many("opportunity", read_only=True),
    },
)

NOTE = describe(
    "note",
    {"$title": field("TEXT"), "$content": field("MARKDOWN")},
    {
        "$account": many("account"),
        "$opportunity": many("opportunity"),
        "$contact": many("contact"),
        "$meeting": many("meeting"),
        "$author": one("member", read_only=True),
    },
)

TASK = describe(
    "task",
    {
        "$title": field("TEXT"),
        "$description": field("MARKDOWN"),
        "$dueAt": field("DATETIME"),
        "$status": choice({code: code for code in ("TODO", "IN_PROGRESS", "COMPLETE", "CANCELLED")}),
    },
    {
        "$account": one("account"),
        "$opportunity": one("opportunity"),
        "$assignedTo": one("member"),
        "$createdBy": one("member"),
        "$note": many("note", read_only=True),
    },
)

LIST = describe(
    "list",
    {
        "$name": field("TEXT"),
        "$objectType": choice({f"${name}": name for name in ("account", "contact", "opportunity")}),
        "$description": field("TEXT"),
        "$kind": choice({"target": "target"}),
    },
    {"$accounts": many("account"), "$contacts": many("contact"), "$opportunities": many("opportunity")},
)

MEMBER = describe(
    "member",
    {
        "$email": field("EMAIL"),
        "$name": field("FULL_NAME"),
        "$profileImage": field("URL"),
        "$role": field("TEXT"),
    },
    {"$user": one("user")},
)

EMAIL = describe(
    "email",
    {
        "$subject": field("TEXT"),
        "$from": field("EMAIL"),
        "$to": texts("EMAIL"),
        "$cc": texts("EMAIL"),
        "$bcc": texts("EMAIL"),
        "$privacySetting": choice(_PRIVACY),
        "$body": field("HTML"),
        "$sentAt": field("DATETIME"),
    },
    {"$attachment": many("file")},
)

CHANNEL = describe(
    "channel",
    {
        "$name": field("TEXT"),
        "$provider": choice({"SLACK": "Slack", "TEAMS": "Microsoft Teams", "LINKEDIN": "LinkedIn"}),
        "$private": field("CHECKBOX"),
    },
    {"$member": many("member")},
)

MESSAGE = describe(
    "message",
    {"$text": field("TEXT"), "$sentAt": field("DATETIME")},
    {"$channel": one("channel"), "$contact": one("contact"), "$attachment": many("file")},
)

PROJECT = describe(
    "project",
    {
        "$name": field("TEXT"),
        "status": select("opt_project_", ("Planned", "Running", "Done")),
        "budget": field("CURRENCY", {"currency": "EUR"}),
        "deadline": field("DATETIME"),
        "brief": field("MARKDOWN"),
    },
    {"$owner": one("member"), "account": one("account"), "team": many("member")},
)
