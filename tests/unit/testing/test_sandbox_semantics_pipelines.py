"""Do stages and pipelines in the sandbox work as documented? ``test_sandbox_semantics`` explains the numbers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from lightfield.testing import Sandbox
from tests.unit.testing.sandbox_calls import Api, calling

PIPELINES = {
    "New business": ("Lead", "Closed Won", "Lost"),
    "Renewals": ("Lead", "Signed", "On hold"),
    "Upsell": ("Offer", "On hold"),
}
NEW, RENEWALS, UPSELL = "pd_new_business", "pd_renewals", "pd_upsell"
LEAD, RENEWAL_LEAD, SIGNED = "opt_stage_new_business_lead", "opt_stage_renewals_lead", "opt_stage_renewals_signed"
ON_HOLD = [
    {
        "stageOptionId": "opt_stage_renewals_on_hold",
        "stageLabel": "On hold",
        "pipelineId": RENEWALS,
        "pipelineName": "Renewals",
    },
    {
        "stageOptionId": "opt_stage_upsell_on_hold",
        "stageLabel": "On hold",
        "pipelineId": UPSELL,
        "pipelineName": "Upsell",
    },
]


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=3, pipelines=PIPELINES) as opened:
        yield opened


async def _staged(api: Api, **fields: object) -> tuple[object, object]:
    """Create an opportunity with these system fields, and give its stage and pipeline."""
    made = await api.post("/v1/opportunities", _body(fields))
    return made["fields"]["$stage"]["value"], made["fields"]["$pipeline"]["value"]


async def _error(api: Api, status: int = 422, **fields: object) -> dict[str, Any]:
    error: dict[str, Any] = (await api.post("/v1/opportunities", _body(fields), status))["error"]
    return error


def _body(fields: dict[str, object]) -> dict[str, Any]:
    named = {f"${key}": value for key, value in fields.items()}
    return {"fields": {"$name": "x", **named}, "relationships": {"$account": "acc_northwind_traders"}}


async def test_5_1_stages_belong_to_pipelines_in_definitions(api: Api) -> None:
    fields = (await api.get("/v1/opportunities/definitions"))["fieldDefinitions"]
    assert fields["$stage"]["typeConfiguration"]["parentFieldKey"] == "$pipeline"
    owners = [(each["label"], each["parentId"]) for each in fields["$stage"]["typeConfiguration"]["options"]]
    assert owners[:4] == [("Lead", NEW), ("Closed Won", NEW), ("Lost", NEW), ("Lead", RENEWALS)]
    pipelines = [each["id"] for each in fields["$pipeline"]["typeConfiguration"]["options"]]
    assert pipelines == [NEW, RENEWALS, UPSELL]


async def test_9_2_pipeline_is_unknown_where_definitions_lack_it() -> None:
    async with calling(opportunities=1) as api:
        assert "$pipeline" not in (await api.get("/v1/opportunities/definitions"))["fieldDefinitions"]
        error = await _error(api, 400, stage="Lead", pipeline="pd_1")
        assert (error["code"], error["param"]) == ("unknown_field", "fields.$pipeline")
        error = (await api.get("/v1/opportunities?$pipeline[equal]=pd_1", 400))["error"]
        assert error["code"] == "unknown_field"


async def test_9_2_pipeline_follows_from_the_id_of_the_stage(api: Api) -> None:
    assert await _staged(api, stage=RENEWAL_LEAD) == (RENEWAL_LEAD, RENEWALS)


async def test_9_2_label_that_one_pipeline_has_decides(api: Api) -> None:
    assert await _staged(api, stage=" SIGNED ") == (SIGNED, RENEWALS)


async def test_9_2_ambiguous_label_falls_back_to_the_default_pipeline(api: Api) -> None:
    assert await _staged(api, stage="lead") == (LEAD, NEW)


async def test_9_2_ambiguous_label_that_the_default_pipeline_lacks_is_refused(api: Api) -> None:
    error = await _error(api, stage="On  hold")
    assert (error["code"], error["param"]) == ("ambiguous_stage_label", "fields.$stage")
    assert (error["candidates"], error["truncated"]) == (ON_HOLD, False)


async def test_9_2_pipeline_tells_stages_of_a_label_apart(api: Api) -> None:
    assert await _staged(api, stage="Lead", pipeline=RENEWALS) == (RENEWAL_LEAD, RENEWALS)


async def test_9_2_name_of_a_pipeline_is_a_hint_too(api: Api) -> None:
    assert await _staged(api, stage="Lead", pipeline="renewals") == (RENEWAL_LEAD, RENEWALS)


async def test_9_2_stage_that_the_pipeline_lacks_is_refused(api: Api) -> None:
    error = await _error(api, stage="Signed", pipeline=UPSELL)
    assert (error["code"], error["param"]) == ("stage_unresolved_in_pipeline", "fields.$stage")
    assert error["pipelineId"] == UPSELL
    assert [each["stageLabel"] for each in error["candidates"]] == ["Offer", "On hold"]
    assert (await _error(api, stage=SIGNED, pipeline=NEW))["code"] == "stage_unresolved_in_pipeline"


async def test_9_2_unknown_pipeline_is_refused(api: Api) -> None:
    error = await _error(api, stage="Lead", pipeline="pd_unknown")
    assert (error["code"], error["param"]) == ("unknown_pipeline", "fields.$pipeline")
    assert error["activePipelineIds"] == [NEW, RENEWALS, UPSELL]


async def test_9_2_pipeline_alone_is_refused(api: Api) -> None:
    error = await _error(api, 400, pipeline=RENEWALS)
    assert (error["code"], error["param"]) == ("parameter_missing", "fields.$stage")


async def test_9_2_pipeline_is_an_id_or_a_name(api: Api) -> None:
    error = await _error(api, 400, stage="Lead", pipeline=5)
    assert (error["code"], error["param"]) == ("invalid_type", "fields.$pipeline")


async def test_9_2_pipeline_is_not_a_value_of_its_own(api: Api) -> None:
    made = await api.post("/v1/opportunities", _body({"stage": RENEWAL_LEAD}))
    path = f"/v1/opportunities/{made['id']}"
    moved = await api.post(path, {"fields": {"$stage": "Offer"}})
    assert moved["fields"]["$pipeline"]["value"] == UPSELL
    assert (await api.get(f"{path}/fields/$pipeline/history", 400))["error"]["param"] == "fieldKey"
    cleared = await api.post(path, {"fields": {"$stage": None, "$pipeline": None}})
    assert cleared["fields"]["$pipeline"] == {"value": None, "valueType": "SINGLE_SELECT"}


async def test_9_2_unknown_stage_is_refused(api: Api) -> None:
    error = await _error(api, 400, stage="Nothing")
    assert (error["code"], error["param"]) == ("invalid_type", "fields.$stage")
    assert (await _error(api, 400, stage=["Lead"]))["code"] == "invalid_type"


async def test_9_2_new_opportunity_is_in_the_first_stage_of_the_default_pipeline(api: Api) -> None:
    assert await _staged(api) == (LEAD, NEW)


async def test_9_2_list_of_candidates_may_be_truncated() -> None:
    pipelines = {"Main": ("Lead",), **{f"Other {number}": ("Same",) for number in range(21)}}
    async with calling(opportunities=0, pipelines=pipelines) as api:
        error = await _error(api, stage="Same")
        assert (len(error["candidates"]), error["truncated"]) == (20, True)


@pytest.fixture
async def filled(api: Api) -> Api:
    api.sandbox.opportunities.clear()
    for stage in (LEAD, RENEWAL_LEAD, SIGNED):
        await api.post("/v1/opportunities", _body({"stage": stage}))
    return api


async def _stages(api: Api, *filters: tuple[str, str]) -> set[str]:
    found = await api.listed("/v1/opportunities", *filters)
    return {str(api.sandbox.opportunities[each]["fields"]["$stage"]["value"]) for each in found}


async def test_4_7_pipeline_is_filtered_by_its_id(filled: Api) -> None:
    assert await _stages(filled, ("$pipeline[equal]", RENEWALS)) == {RENEWAL_LEAD, SIGNED}
    assert await _stages(filled, ("$pipeline", NEW)) == {LEAD}


async def test_4_7_names_of_pipelines_are_not_taken_in_filters(filled: Api) -> None:
    error = (await filled.get("/v1/opportunities?$pipeline=Renewals", 400))["error"]
    assert (error["code"], error["param"]) == ("unknown_pipeline", "$pipeline")
    assert error["activePipelineIds"] == [NEW, RENEWALS, UPSELL]


async def test_4_7_there_is_one_positive_pipeline_filter_at_most(filled: Api) -> None:
    query = f"$pipeline={NEW}&$pipeline[equal]={RENEWALS}"
    assert (await filled.get(f"/v1/opportunities?{query}", 400))["error"]["param"] == "$pipeline"
    await filled.get(f"/v1/opportunities?$pipeline={NEW}&$pipeline[-equal]={RENEWALS}")


async def test_4_7_pipeline_can_be_excluded(filled: Api) -> None:
    assert await _stages(filled, ("$pipeline[-equal]", RENEWALS)) == {LEAD}


async def test_4_7_id_of_a_stage_identifies_it(filled: Api) -> None:
    assert await _stages(filled, ("$stage[equal]", RENEWAL_LEAD)) == {RENEWAL_LEAD}
    assert await _stages(filled, ("$stage[-equal]", RENEWAL_LEAD)) == {LEAD, SIGNED}


async def test_4_7_ambiguous_label_is_refused_in_a_filter(filled: Api) -> None:
    for query in ("$stage[equal]=Lead", "$stage[-equal]=LEAD", f"$stage=Lead&$pipeline[-equal]={NEW}"):
        error = (await filled.get(f"/v1/opportunities?{query}", 400))["error"]
        assert (error["code"], error["param"]) == ("ambiguous_stage_label", "$stage")
        assert [each["pipelineId"] for each in error["candidates"]] == [NEW, RENEWALS]


async def test_4_7_label_is_matched_without_case_and_width(filled: Api) -> None:
    assert await _stages(filled, ("$stage", " signed ")) == {SIGNED}


async def test_4_7_pipeline_tells_labels_apart_in_filters(filled: Api) -> None:
    assert await _stages(filled, ("$stage", "Lead"), ("$pipeline", RENEWALS)) == {RENEWAL_LEAD}


async def test_4_7_stage_of_another_pipeline_finds_nothing(filled: Api) -> None:
    assert await _stages(filled, ("$stage", LEAD), ("$pipeline", RENEWALS)) == set()
    assert await _stages(filled, ("$stage", "Lead"), ("$pipeline", UPSELL)) == set()
    assert await _stages(filled, ("$stage", "Nothing"), ("$pipeline", UPSELL)) == set()


async def test_initial_opportunities_are_in_stages_that_exist() -> None:
    async with calling(opportunities=60, pipelines=PIPELINES) as api:
        options = (await api.get("/v1/opportunities/definitions"))["fieldDefinitions"]["$stage"]["typeConfiguration"]
        owners = {each["id"]: each["parentId"] for each in options["options"]}
        statuses: dict[object, object] = {}
        for record in api.sandbox.opportunities.values():
            stage = record["fields"]["$stage"]["value"]
            assert record["fields"]["$pipeline"] == {"value": owners[str(stage)], "valueType": "SINGLE_SELECT"}
            statuses[stage] = record["fields"]["$opportunityStatus"]["value"]
        assert statuses.keys() == owners.keys()
        assert statuses["opt_stage_new_business_closed_won"] == "opt_status_won"
        assert statuses["opt_stage_new_business_lost"] == "opt_status_lost"
        assert statuses[SIGNED] == "opt_status_open"


async def test_ids_of_pipelines_and_stages_differ_whatever_their_names() -> None:
    sandbox = Sandbox(opportunities=0, pipelines={"A b": ("c", "ü"), "A": ("b c", "é"), "A-b": ("c",)})
    fields = sandbox.definitions("opportunities")["fieldDefinitions"]
    for key, count in {"$stage": 5, "$pipeline": 3}.items():
        assert len({each["id"] for each in fields[key]["typeConfiguration"].get("options", [])}) == count


@pytest.mark.parametrize(
    ("pipelines", "error"),
    [
        (["Lead"], TypeError),
        ({"Main": "Lead"}, TypeError),
        ({"Main": 5}, TypeError),
        ({"Main": (5,)}, TypeError),
        ({5: ("Lead",)}, TypeError),
        ({"Main": ()}, ValueError),
        ({"Main": ("Lead", " lead ")}, ValueError),
        ({"Main": ("Lead", " ")}, ValueError),
        ({"Main": ("Lead",), "main": ("Lead",)}, ValueError),
    ],
)
def test_pipelines_are_checked(pipelines: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="pipeline"):
        Sandbox(pipelines=pipelines)
