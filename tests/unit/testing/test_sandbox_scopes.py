"""May a key do what its scopes say, and nothing else?"""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lightfield import AsyncLightfield, PermissionDeniedError
from lightfield.testing import Sandbox
from lightfield.testing._api.operations import OPERATIONS
from lightfield.testing._api.service import HANDLERS
from tests.unit.testing.sandbox_calls import Api, calling

KEY = "sk_lf_limited"
RESTRICTED = [each for each in OPERATIONS.values() if each.scopes and each.name in HANDLERS]


@asynccontextmanager
async def limited(scopes: Collection[str], **options: Any) -> AsyncGenerator[tuple[Api, Api]]:
    """Give calls with a key that has these scopes, and calls with the key that may do everything."""
    async with calling(keys={KEY: scopes}, **options) as api:
        yield _Limited(api.sandbox, api.session), api


class _Limited(Api):
    async def send(
        self, method: str, path: str, body: object = None, *, status: int = 200, key: str | None = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {KEY}", "Lightfield-Version": "2026-03-01"}
        assert key is None
        async with self.session.request(method, path, json=body, headers=headers) as response:
            assert response.status == status, await response.text()
            return await response.json()


def _path(template: str) -> str:
    return (
        template.replace("{entitySlug}", "accounts" if "enrich" in template else "project")
        .replace("{", "")
        .replace("}", "")
    )


async def test_scope_is_what_it_takes() -> None:
    async with limited({"opportunities:read"}) as (api, _):
        identifier = api.sandbox.opportunity_ids[0]
        assert (await api.get(f"/v1/opportunities/{identifier}"))["id"] == identifier
        assert (await api.get("/v1/opportunities"))["totalCount"] == 12
        assert await api.post(f"/v1/opportunities/{identifier}", {"fields": {"$name": "New"}}, status=403) == {
            "error": {"type": "forbidden", "message": "The API key lacks the scope opportunities:update."}
        }
        assert api.sandbox.opportunities[identifier]["fields"]["$name"]["value"] != "New"
        await api.get("/v1/accounts", status=403)


@pytest.mark.parametrize("operation", RESTRICTED, ids=lambda operation: operation.name)
async def test_each_operation_is_refused_without_its_scopes(operation: Any) -> None:
    asked = {scope.replace("{entitySlug}", "accounts") for scope in operation.scopes}
    everything = {scope for each in RESTRICTED for scope in each.scopes if "{" not in scope}
    for left_out in asked:
        async with limited(everything - {left_out}, opportunities=0) as (api, _):
            refused = await api.send(operation.method, _path(operation.path), status=403)
            assert refused["error"]["message"] == f"The API key lacks the scope {left_out}."


async def test_all_that_is_missing_is_named() -> None:
    async with limited({"lists:create"}) as (api, _):
        error = await api.get("/v1/lists/lst_1/accounts", status=403)
        assert error["error"]["message"] == "The API key lacks the scope accounts:read and lists:read."


@pytest.mark.parametrize("collection", ["accounts", "contacts", "opportunities", "meetings", "notes", "tasks"])
async def test_trash_is_listed_with_the_scope_to_restore_only(collection: str) -> None:
    async with limited({f"{collection}:read"}) as (api, _):
        await api.get(f"/v1/{collection}")
        await api.get(f"/v1/{collection}?status=active")
        error = await api.get(f"/v1/{collection}?status=trashed", status=403)
        assert error["error"]["message"] == f"The API key lacks the scope {collection}:restore."
    async with limited({f"{collection}:read", f"{collection}:restore"}) as (api, _):
        await api.get(f"/v1/{collection}?status=trashed")


async def test_enrichment_takes_the_scope_of_the_kind_of_record() -> None:
    async with limited({"contacts:update", "accounts:read"}) as (api, full):
        contact, account = api.sandbox.ids("contacts")[0], api.sandbox.ids("accounts")[0]
        await api.post(f"/v1/enrichmentRun/accounts/{account}", status=403)
        run = (await api.post(f"/v1/enrichmentRun/contacts/{contact}"))["enrichmentRun"]
        error = await api.get(f"/v1/enrichmentRun/{run['id']}", status=403)
        assert error["error"]["message"] == "The API key lacks the scope contacts:read."
        run = (await full.post(f"/v1/enrichmentRun/accounts/{account}"))["enrichmentRun"]
        assert (await api.get(f"/v1/enrichmentRun/{run['id']}"))["id"] == run["id"]
        await api.get("/v1/enrichmentRun/run_nothing", status=404)
        await api.post("/v1/enrichmentRun/project/prj_1", status=400)


async def test_some_operations_take_no_scope() -> None:
    async with limited({"files:read"}) as (api, full):
        one, two = api.sandbox.ids("accounts")[:2]
        merge = (await full.post("/v1/accounts/merge", {"primaryId": one, "duplicateId": two}))["merge"]
        assert (await api.get(f"/v1/merges/{merge['id']}"))["id"] == merge["id"]
        await api.get("/v1/workflowRun/run_1/status")


async def test_validation_tells_the_scopes_of_the_key() -> None:
    async with limited(["tasks:read", "accounts:read", "accounts:read"]) as (api, full):
        assert (await api.get("/v1/auth/validate"))["scopes"] == ["accounts:read", "tasks:read"]
        assert (await full.get("/v1/auth/validate"))["scopes"] == []


async def test_key_without_scopes_may_do_everything() -> None:
    async with limited(()) as (api, _):
        assert (await api.get("/v1/auth/validate"))["scopes"] == []
        await api.post("/v1/accounts", {"fields": {"$name": "Acme"}})
        await api.get("/v1/accounts?status=trashed")


async def test_each_key_has_its_own_scopes() -> None:
    keys = {"sk_a": {"accounts:read"}, "sk_b": {"contacts:read"}}
    async with Sandbox(opportunities=0, keys=keys, rate_limit=None) as sandbox:
        async with AsyncLightfield(api_key="sk_a", base_url=sandbox.base_url) as client:
            await client.account.list()
            with pytest.raises(PermissionDeniedError, match="lacks the scope contacts:read"):
                await client.contact.list()
        async with AsyncLightfield(api_key="sk_b", base_url=sandbox.base_url) as client:
            await client.contact.list()
            assert (await client.auth.validate()).scopes == ["contacts:read"]


async def test_scopes_are_asked_for_after_limit_version_and_path_and_before_the_rest() -> None:
    async with limited({"files:read"}, rate_limit=3) as (api, _):
        await api.send("PUT", "/v1/accounts", status=405)
        await api.get("/v1/nothing", status=404)
        await api.get("/v1/accounts/acc_nothing", status=403)
        await api.post("/v1/accounts", {"fields": {"$bogus": 1}}, status=403)
        headers = {"Authorization": f"Bearer {KEY}"}
        async with api.session.get("/v1/accounts", headers=headers) as response:
            assert response.status == 400
        await api.get("/v1/accounts", status=403)  # each refusal is paid for, like any answer to a valid key
        await api.get("/v1/accounts", status=403)
        await api.get("/v1/accounts", status=429)


async def test_refusal_does_not_use_up_an_idempotency_key() -> None:
    async with limited({"files:read"}) as (api, full):
        headers = {"Authorization": f"Bearer {KEY}", "Lightfield-Version": "2026-03-01", "Idempotency-Key": "a"}
        async with api.session.post("/v1/accounts", json={"fields": {"$name": "x"}}, headers=headers) as response:
            assert response.status == 403
        made = await full.post("/v1/accounts", {"fields": {"$name": "y"}}, key="a")
        assert made["fields"]["$name"]["value"] == "y"


@pytest.mark.parametrize(
    ("keys", "error", "message"),
    [
        (
            {"sk_a": {"opportunity:read"}},
            ValueError,
            r"unknown scopes \['opportunity:read'\]; there are acc",
        ),
        ({"sk_a": "accounts:read"}, TypeError, r'a collection, such as \{"opportunities:read"\}, not a str'),
        ({"sk_lf_sandbox": {"accounts:read"}}, ValueError, "keys has the api_key"),
        ({"": {"accounts:read"}}, ValueError, "each of keys must be printable ASCII"),
        ({"a\r\nb": {"accounts:read"}}, ValueError, "each of keys must be printable ASCII"),
        ({" a": {"accounts:read"}}, ValueError, "each of keys must be printable ASCII"),
        ({"é": {"accounts:read"}}, ValueError, "each of keys must be printable ASCII"),
        (["sk_a"], TypeError, "keys must be a mapping of keys to their scopes, not list"),
    ],
)
def test_wrong_keys_are_refused_at_once(keys: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Sandbox(opportunities=0, keys=keys)


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        ("", ValueError, "api_key must be printable ASCII text"),
        ("sk_a\n", ValueError, "api_key must be printable ASCII text"),
        (5, TypeError, "api_key must be a str, not int"),
    ],
)
def test_wrong_api_key_is_refused_at_once(key: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Sandbox(opportunities=0, api_key=key)
