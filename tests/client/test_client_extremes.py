"""Every option at the ends of the range of its type: it works, or is refused with our own error before a request.

The options come from the typed dicts and signatures, so that a new one is tried too.
"""

import asyncio
import gzip
import inspect
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from itertools import count
from typing import Any, TypeAlias

import pytest

from lightfield import (
    AsyncLightfield,
    LightfieldError,
    LightfieldTypeError,
    LightfieldValueError,
    RateLimits,
    Timeout,
)
from lightfield._bulk.items import BulkOptions
from lightfield._bulk.listing import ListingOptions
from lightfield._config.options import Options, SiblingOptions
from lightfield._operations.call_options import CallOptions
from lightfield.testing import Sandbox
from tests.client.both import Connect, until
from tests.faults.server import ID, OPPORTUNITY, STALL, FaultServer, http

np: Any = import_module("numpy")
pd: Any = import_module("pandas")

Act: TypeAlias = Callable[[], Awaitable[object]]

EXTREMES: list[Any] = [
    *(0, -1, 1, sys.maxsize, 2**63, -(2**63) - 1, 10**30, 10**400, 10**5000, -(10**5000), True),
    *(5e-324, 1e308, sys.float_info.max, float("inf"), float("-inf"), float("nan"), -0.0, 0.000_001),
    *(Decimal(1), Decimal("1E+999999"), Decimal("sNaN"), Fraction(1, 3)),
    *(np.int64(5), np.float64(1.5), np.float32(1.5), np.bool_(True), np.str_("a"), np.array([1, 2])),
    *("", "a" * 1_000_000, "\ud800", "a\0b", b"", [], {}, {"a": 10**5000}, {10**5000: "a"}, {"a": "\ud800"}),
    *(pd.NA, pd.NaT, object()),
]
PAGE = {"data": [OPPORTUNITY], "object": "list", "totalCount": 1}
MERGE = {
    "id": "mrg_1",
    "createdAt": "2026-05-01T16:00:00.000Z",
    "updatedAt": "2026-05-01T16:00:00.000Z",
    "entityType": "account",
    "primaryId": "acc_1",
    "duplicateId": "acc_2",
    "status": "done",
}
QUICK: dict[str, Any] = {"max_retries": 0}
MAX_CONCURRENCY = 1_000
keys = count()


def zipped(body: object) -> bytes:
    return http(200, gzip.compress(json.dumps(body).encode()), {"Content-Encoding": "gzip"})


def read(client: AsyncLightfield, **options: Any) -> Awaitable[object]:
    return client.opportunity.retrieve(ID, **options)


def write(client: AsyncLightfield, **options: Any) -> Awaitable[object]:
    return client.opportunity.create(fields={"$name": "Acme"}, relationships={"$account": "acc_1"}, **options)


async def tried(client: AsyncLightfield, act: Act) -> None:
    """Make a call that may fail with an error of ours; if it is the input's fault, no slot was taken for a request."""
    before = slots(client)
    try:
        async with asyncio.timeout(5):
            await act()
    except (LightfieldValueError, LightfieldTypeError):
        assert slots(client) == before
    except LightfieldError:
        pass


def slots(client: AsyncLightfield) -> int:
    return sum(lane.granted for lane in client.rate_limits.values())


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTFIELD_API_KEY", "sk_lf_sandbox")
    monkeypatch.setenv("LIGHTFIELD_BASE_URL", "http://127.0.0.1:9")


async def try_client(connect: Connect, server: FaultServer, options: dict[str, Any]) -> None:
    """Make a client and a read and a write with it, unless it is refused. Each client has lanes of its own."""
    given = {"api_key": f"sk_{next(keys)}", **QUICK, **options}
    with suppress(LightfieldValueError, LightfieldTypeError):
        async with connect(given.pop("base_url", server.base_url), **given) as client:
            await tried(client, lambda: read(client))
            await tried(client, lambda: write(client))


@pytest.mark.parametrize("option", sorted(Options.__optional_keys__))
async def test_options_of_a_client(connect: Connect, option: str) -> None:
    with FaultServer(zipped(OPPORTUNITY)) as server:
        for value in EXTREMES:
            await try_client(connect, server, {option: value})


@pytest.mark.parametrize("field", RateLimits.__struct_fields__)
async def test_rate_limits(connect: Connect, field: str) -> None:
    with FaultServer(zipped(OPPORTUNITY)) as server:
        for value in EXTREMES:
            await try_client(connect, server, {"rate_limits": RateLimits(**{field: value})})


@pytest.mark.parametrize("field", Timeout.__struct_fields__)
async def test_limits_of_an_attempt(connect: Connect, field: str) -> None:
    with FaultServer(zipped(OPPORTUNITY)) as server:
        for value in EXTREMES:
            await try_client(connect, server, {"timeout": Timeout(**{field: value})})


@pytest.mark.parametrize("option", sorted(SiblingOptions.__optional_keys__))
async def test_options_of_a_sibling(connect: Connect, option: str) -> None:
    with FaultServer(zipped(OPPORTUNITY)) as server:
        async with connect(server.base_url, **QUICK) as client:
            for value in EXTREMES:

                async def act(options: Any) -> None:
                    sibling = client.with_options(**options)
                    for call in (read, write):
                        await tried(sibling, lambda: call(sibling))  # noqa: B023
                    if option in {"api_key", "base_url"}:
                        await sibling.close()

                with suppress(LightfieldValueError, LightfieldTypeError):
                    await act({option: value})


@pytest.mark.parametrize("option", sorted(CallOptions.__optional_keys__))
async def test_options_of_a_call(connect: Connect, option: str) -> None:
    with FaultServer(zipped(OPPORTUNITY)) as server:
        async with connect(server.base_url, **QUICK) as client:
            for value in EXTREMES:
                for call in (read, write):
                    await tried(client, lambda: call(client, **{option: value}))  # noqa: B023


@pytest.mark.parametrize("option", sorted(BulkOptions.__optional_keys__))
async def test_options_of_a_bulk(connect: Connect, option: str) -> None:
    with FaultServer(zipped(OPPORTUNITY)) as server:
        async with connect(server.base_url, **QUICK) as client:
            plan = client.plan.opportunity
            requests = [plan.retrieve(ID), plan.update(ID, fields={"$name": "Acme"})]
            for value in EXTREMES:
                await tried(client, lambda: client.bulk(requests, **{option: value}))  # noqa: B023
                await tried(client, lambda: client.bulk([(value, requests[0])]))  # noqa: B023


@pytest.mark.parametrize("option", [*sorted(ListingOptions.__optional_keys__), "status", "filters"])
async def test_options_of_a_listing(connect: Connect, option: str) -> None:
    with FaultServer(zipped(PAGE)) as server:
        async with connect(server.base_url, **QUICK) as client:
            for value in EXTREMES:

                async def walk(options: Any) -> None:
                    async for _ in client.opportunity.list_all(**options):
                        break

                await tried(client, lambda: walk({option: value}))  # noqa: B023


@pytest.mark.parametrize("option", ["limit", "offset", "status", "filters"])
async def test_parameters_of_a_page(connect: Connect, option: str) -> None:
    with FaultServer(zipped(PAGE)) as server:
        async with connect(server.base_url, **QUICK) as client:
            for value in EXTREMES:
                options: dict[str, Any] = {option: value}
                await tried(client, lambda: client.opportunity.list(**options))  # noqa: B023


@pytest.mark.parametrize("option", ["limit", "after"])
async def test_parameters_of_a_history(connect: Connect, option: str) -> None:
    with FaultServer(zipped({"data": [], "hasMore": False, "nextCursor": None})) as server:
        async with connect(server.base_url, **QUICK) as client:
            for value in EXTREMES:
                options: dict[str, Any] = {option: value}
                history = client.opportunity.field_history
                await tried(client, lambda: history("$stage", id=ID, **options))  # noqa: B023


async def test_deadline_of_a_poll(connect: Connect) -> None:
    with FaultServer(zipped(MERGE)) as server:
        async with connect(server.base_url, **QUICK) as client:
            for value in EXTREMES:
                await tried(client, lambda: client.merge.wait("mrg_1", deadline=value))  # noqa: B023


async def test_size_of_a_chunk(connect: Connect) -> None:
    with FaultServer(zipped(OPPORTUNITY)) as server:
        async with connect(server.base_url, **QUICK) as client:
            for value in EXTREMES:
                response = await client.with_raw_response.opportunity.retrieve(ID)

                async def walk(response: Any, size: Any) -> bytes:
                    return b"".join([chunk async for chunk in response.iter_bytes(size)])

                await tried(client, lambda: walk(response, value))  # noqa: B023


async def test_size_of_a_file(connect: Connect) -> None:
    with FaultServer(zipped({})) as server:
        async with connect(server.base_url, **QUICK) as client:
            for value in EXTREMES:
                create = client.file.create
                await tried(client, lambda: create(filename="a", mime_type="text/plain", size_bytes=value))  # noqa: B023


@pytest.mark.parametrize("option", ["filename", "mime_type", "purpose", "progress", "deadline"])
async def test_options_of_a_transfer(connect: Connect, sandbox: Sandbox, option: str) -> None:
    async with connect(sandbox.base_url, rate_limits=None, **QUICK) as client:
        stored = await client.file.upload(b"content", filename="a.txt")
        for value in EXTREMES:
            options: dict[str, Any] = {"filename": "a.txt", option: value}
            await tried(client, lambda: client.file.upload(b"content", **options))  # noqa: B023
            if option in {"progress", "deadline"}:
                del options["filename"]
                await tried(client, lambda: client.file.download(stored.id, **options))  # noqa: B023


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("timeout", 1e308),
        ("timeout", 10**308),
        ("timeout", sys.float_info.max),
        ("deadline", sys.float_info.max),
        ("deadline", 10**308),
        ("max_retries", 10**400),
        ("retry_budget", 10**400),
        ("max_response_bytes", sys.maxsize - 1),
        ("max_response_bytes", sys.maxsize),
        ("max_response_bytes", 2**63),
        ("max_response_bytes", 10**5000),
        ("max_rps", 0.000_001),
        ("max_rps", 1_000_000),
        ("rate_limit_share", 0.000_001),
        ("rate_limit_group", "é" * 1_000_000),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 99 else type(value).__name__,
)
async def test_what_is_allowed_works(connect: Connect, option: str, value: Any) -> None:
    with FaultServer(zipped(OPPORTUNITY)) as server:
        async with connect(server.base_url, **{option: value}) as client:
            for call in (read, write):
                assert getattr(await call(client), "id", None) == ID
    assert len(server.requests) == 2


@pytest.mark.parametrize("rate", [5e-324, 1e-7, 1_000_001, 1e308, sys.maxsize], ids=str)
async def test_a_rate_that_is_none_is_refused(connect: Connect, rate: float) -> None:
    with FaultServer() as server:
        for options in ({"max_rps": rate}, {"rate_limits": RateLimits(search=rate)}):
            with pytest.raises(LightfieldValueError, match=r"must be 0\.000001 to 1,000,000 per second"):
                async with connect(server.base_url, **options):
                    pass
        with pytest.raises(LightfieldValueError, match="rate_limit_share must be"):
            async with connect(server.base_url, rate_limit_share=rate):
                pass


async def test_a_huge_concurrency_takes_no_more_of_the_input_than_can_be_of_use(connect: Connect) -> None:
    taken = count()

    def endless() -> Iterator[Any]:
        while True:
            next(taken)
            yield plan.retrieve(ID)

    with FaultServer(STALL) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            plan = client.plan.opportunity
            work = asyncio.ensure_future(first(client, endless()))
            await until(lambda: client.rate_limits["Read"].waiting == MAX_CONCURRENCY - 56)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
    assert next(taken) == MAX_CONCURRENCY


async def first(client: AsyncLightfield, requests: Iterator[Any]) -> object:
    async for outcome in client.iter_bulk(requests, concurrency=10**30):
        return outcome
    return None


@pytest.mark.parametrize("argument", inspect.signature(Sandbox).parameters)
def test_arguments_of_a_sandbox(argument: str) -> None:
    """Those of a sandbox are refused with Python's own errors."""
    for value in EXTREMES:
        try:
            arguments: dict[str, Any] = {"opportunities": 1, argument: value}
            sandbox = Sandbox(**arguments)
        except (TypeError, ValueError):
            continue
        try:
            sandbox.start()
        except OSError:  # a port that is taken, or reserved
            continue
        assert sandbox.base_url
        sandbox.stop()
