"""What may be pickled and copied comes back equal; what holds the key or a connection says what to do instead."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from lightfield import AsyncLightfield, F, Lightfield, LightfieldUsageError, NotFoundError
from lightfield.testing import Sandbox
from tests.client.both import KEY

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def pickled(protocol: int) -> Callable[[Any], Any]:
    def way(value: Any) -> Any:
        content = pickle.dumps(value, protocol)
        assert KEY.encode() not in content
        return pickle.loads(content)

    return way


WAYS: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, *(pickled(protocol) for protocol in PROTOCOLS)]

REQUESTS: dict[str, Callable[[Lightfield], Any]] = {
    "read": lambda client: client.plan.opportunity.retrieve("opp_1"),
    "list": lambda client: client.plan.opportunity.list(limit=3, filters=[F("$name") == "a"]),
    "write": lambda client: client.plan.opportunity.update("opp_1", fields={"$name": "a"}),
    "keyed": lambda client: client.plan.opportunity.update("opp_1", fields={"$name": "a"}).keyed("key-1"),
    "raw": lambda client: replace(client.plan.opportunity.retrieve("opp_1"), form="raw"),
    "generic": lambda client: client.plan.request("POST", "/v1/things", body={"a": 1}),
}

RESULTS: dict[str, Callable[[Lightfield, list[str]], Any]] = {
    "record": lambda client, ids: client.opportunity.retrieve(ids[0]),
    "page": lambda client, ids: client.opportunity.list(limit=len(ids)),
    "definitions": lambda client, _: client.opportunity.definitions(),
    "bulk": lambda client, ids: client.opportunity.retrieve_many(ids),
    "outcome": lambda client, ids: next(iter(client.opportunity.iter_many(ids))),
    "lanes": lambda client, _: dict(client.rate_limits),
}


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("way", WAYS)
def test_request_comes_back_equal(name: str, way: Callable[[Any], Any]) -> None:
    with Lightfield(api_key=KEY) as client:
        request = REQUESTS[name](client)
    twin = way(request)
    assert twin == request
    assert hash(twin) == hash(request)
    assert repr(twin) == repr(request)


def test_request_that_comes_back_can_be_sent(sandbox: Sandbox) -> None:
    with Lightfield(api_key=KEY, base_url=sandbox.base_url) as client:
        request = client.plan.opportunity.list(limit=3)
        assert client.send(pickle.loads(pickle.dumps(request))) == client.send(request)


@pytest.mark.parametrize("name", RESULTS)
def test_result_comes_back_equal(name: str, sandbox: Sandbox) -> None:
    with Lightfield(api_key=KEY, base_url=sandbox.base_url) as client:
        result = RESULTS[name](client, sandbox.opportunity_ids[:3])
    for way in WAYS:
        assert way(result) == result


def test_failures_of_a_bulk_come_back(sandbox: Sandbox) -> None:
    with Lightfield(api_key=KEY, base_url=sandbox.base_url) as client:
        result = client.opportunity.retrieve_many([sandbox.opportunity_ids[0], "opp_unknown"])
    for way in WAYS:
        twin = way(result)
        assert twin.values == result.values
        error = twin.errors["opp_unknown"]
        assert type(error) is NotFoundError
        assert (str(error), error.type) == (str(result.errors["opp_unknown"]), "not_found")


def test_raw_response_comes_back(sandbox: Sandbox) -> None:
    with Lightfield(api_key=KEY, base_url=sandbox.base_url) as client:
        response = client.opportunity.with_raw_response.retrieve(sandbox.opportunity_ids[0])
    for way in WAYS:
        twin = way(response)
        assert (twin.status_code, twin.read(), twin.request) == (200, response.read(), response.request)
        assert twin.headers["content-type"] == response.headers["Content-Type"]
        assert twin.parse() == response.parse()


HOLDERS: dict[str, Callable[[], object]] = {
    "awaited": lambda: AsyncLightfield(api_key=KEY),
    "blocking": lambda: Lightfield(api_key=KEY),
    "sibling": lambda: Lightfield(api_key=KEY).with_options(timeout=1),
    "resource": lambda: Lightfield(api_key=KEY).opportunity,
    "awaited resource": lambda: AsyncLightfield(api_key=KEY).opportunity,
}


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("way", [copy.deepcopy, *(pickled(protocol) for protocol in PROTOCOLS)])
def test_client_says_what_to_do_instead(name: str, way: Callable[[Any], Any]) -> None:
    with pytest.raises(LightfieldUsageError, match=r"^A client cannot be pickled: .* Create one in each process\.$"):
        way(HOLDERS[name]())


def test_shallow_copy_of_a_client_is_the_same_client(sandbox: Sandbox) -> None:
    with Lightfield(api_key=KEY, base_url=sandbox.base_url) as client:
        id = sandbox.opportunity_ids[0]
        assert copy.copy(client).opportunity.retrieve(id) == client.opportunity.retrieve(id)
        assert client.rate_limits["Read"].granted == 2
