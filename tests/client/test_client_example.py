"""The documented example of an opportunity, over the wire and back, on both clients.

Its value does not fit its type, its date is none, and two keys are absent: all of it decodes.
"""

from tests.client.both import Connect
from tests.faults.server import FaultServer, http

EXAMPLE = {
    "id": "id",
    "createdAt": "createdAt",
    "fields": {"foo": {"value": "string", "valueType": "ADDRESS"}},
    "httpLink": "httpLink",
    "relationships": {"foo": {"cardinality": "cardinality", "objectType": "objectType", "values": ["string"]}},
}


async def test_documented_example_decodes_to_its_attributes(connect: Connect) -> None:
    with FaultServer(http(200, EXAMPLE)) as server:
        async with connect(server.base_url, api_key="My API Key") as client:
            opportunity = await client.opportunity.retrieve("id")
    assert (opportunity.id, opportunity.created_at, opportunity.http_link) == ("id", "createdAt", "httpLink")
    assert (opportunity.updated_at, opportunity.external_id) == (None, None)
    field, relationship = opportunity.fields["foo"], opportunity.relationships["foo"]
    assert (field.value, field.value_type) == ("string", "ADDRESS")
    assert (relationship.cardinality, relationship.object_type) == ("cardinality", "objectType")
    assert relationship.values == ["string"]
    assert opportunity.to_dict() == EXAMPLE
    assert b"Authorization: Bearer My API Key\r\n" in server.requests[0]
