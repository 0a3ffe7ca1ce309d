"""Vocabulary for the initial records. All of it is fictional: no real company, no real person."""

from lightfield.testing._data import documented

COMPANIES = (
    "Northwind Traders",
    "Bramblewick Foods",
    "Cobalt Heron Freight",
    "Dunmarrow Textiles",
    "Everspindle Software",
    "Fennimoor Labs",
    "Glasswing Ferries",
    "Hollowmere Energy",
    "Inkwell Otter Press",
    "Juniper Gasket Works",
    "Kettlebrook Dairy",
    "Lanternfish Media",
    "Mossgate Instruments",
    "Nimbus Thistle Airways",
    "Ochre Badger Mining",
    "Pebblecrest Hotels",
    "Quillstone Analytics",
    "Rookhaven Insurance",
    "Saltmarsh Robotics",
    "Tumbledown Toys",
    "Umberleaf Pharmacy",
    "Velvet Walrus Studios",
    "Wobbly Bridge Engineering",
    "Yarrowfield Clinics",
)
DOCUMENTED_COMPANY = COMPANIES[-1]
"""The account that the documentation mentions, to which the first opportunity belongs."""

DEALS = (
    "Annual renewal",
    "Seat expansion",
    "Platform rollout",
    "Paid pilot",
    "Security add-on",
    "Data migration",
    "Support upgrade",
    "Regional licence",
)

STAGES = {
    "opt_stage_lead": "Lead",
    "opt_stage_qualification": "Qualification",
    "opt_stage_demo": "Demo",
    documented.STAGE: "Proposal",
    "opt_stage_won": "Won",
    "opt_stage_lost": "Lost",
}

PRODUCTS = {
    "opt_product_core": "core",
    documented.FIRST_PRODUCT: "insights",
    documented.SECOND_PRODUCT: "automation",
    "opt_product_archive": "archive",
    "opt_product_mobile": "mobile",
}

MEMBERS = ("mem_larkspur", "mem_saffron", "mem_tamarisk", "mem_bergamot", documented.MEMBER)

MEMBER_NAMES = ("larkspur", "saffron", "tamarisk", "bergamot", "marjoram")

CONTACTS = (
    ("Buyer", "Example"),
    ("Controller", "Sample"),
    ("Engineer", "Placeholder"),
    ("Director", "Fictional"),
)

STREETS = ("1 Invented Lane", "22 Nowhere Street", "305 Example Quay", "7 Placeholder Square")

CITIES = (
    ("Sampleton", "OR", "97000", "US", 44.9312, -123.0351),
    ("Beispielbrück", "BE", "10000", "DE", 52.5174, 13.3951),
    ("Nowhere-on-Sea", None, "ZZ1 1ZZ", "GB", 50.8214, -0.1372),
    ("Port Fiction", "NSW", "2000", "AU", None, None),
)

NEXT_STEPS = (
    "Send the revised order form",
    "Book the security review",
    "Walk the finance team through the price list",
    "Agree on success criteria for the pilot",
    "Collect the signed data processing addendum",
    "Introduce the onboarding team",
)

SITUATIONS = (
    (
        "{company} runs three regional teams on spreadsheets that are merged by hand every Friday, and "
        "each of them keeps its own list of customers. A shared record would save the controller about a "
        "day a week."
    ),
    (
        "{company} outgrew its present tool last year: reports take a night to build, access rights are "
        "all or nothing, and the vendor has announced that support ends with the coming release."
    ),
    (
        "{company} has bought two smaller competitors and needs one view of their customers before the "
        "next board meeting. Both still work with systems of their own, and neither can export its "
        "history."
    ),
)

CONCERNS = (
    (
        "Procurement asked for a fixed price over two years, and legal has not yet seen the data "
        "processing addendum. The engineers like the interface but want proof that an import of 400,000 "
        "rows ends overnight."
    ),
    (
        "The budget is approved for this quarter only. A competitor offered a lower price for fewer "
        "seats, yet could not show an audit trail, which the insurer of the company requires from the "
        "coming year on."
    ),
    (
        "Nobody owns the migration on the customer's side so far. The director would sign at once if the "
        "onboarding team took over the clean-up of duplicate contacts, which we have offered as a paid "
        "service."
    ),
)

OUTLOOKS = (
    "Likely to close as planned if the security review is booked this week.",
    "At risk: the last three messages were not answered.",
    "On track; the order form is with the controller for signature.",
)

INDUSTRIES = ("Retail", "Food", "Logistics", "Software", "Energy", "Media", "Mining", "Insurance", "Health")

HEADCOUNTS = {"opt_headcount_1": "1-10", "opt_headcount_11": "11-200", "opt_headcount_201": "201-10000"} | {
    "opt_headcount_10001": "10001+"
}

FUNDING = ("Seed", "Series A", "Bootstrapped")

TITLES = ("Head of Purchasing", "Controller", "Lead Engineer", "Managing Director")

ROLES = ("Account Executive", "Account Executive", "Sales Engineer", "Sales Manager", "Administrator")

TASKS = ("Send the order form", "Call the controller", "Prepare the demo", "Collect the references")

NOTES = ("Call with purchasing", "Questions about the migration", "Pricing", "Security review")

MEETINGS = ("First call", "Demo", "Price talk", "Kick-off")

PROJECTS = ("Data migration", "Onboarding", "Pilot", "Training")
