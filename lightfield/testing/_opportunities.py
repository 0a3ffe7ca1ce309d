"""What can be done with the sandbox's opportunities?"""

from ._documents import Record
from ._errors import no_record
from ._routes import Call, Route


def retrieve(call: Call) -> Record:
    """Return one opportunity."""
    record = call.workspace.opportunities.get(call.params["id"])
    if record is None:
        raise no_record("opportunities")
    return record


ROUTES = (Route("GET", "/v1/opportunities/{id}", "Read", retrieve),)
