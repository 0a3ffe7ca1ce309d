"""Pools of processes of the standard library: what goes to a worker and back, and what each worker makes itself."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from lightfield import AsyncLightfield, Lightfield, LightfieldUsageError, NotFoundError
from lightfield.testing import Sandbox
from tests.lifecycle import work

METHODS = multiprocessing.get_all_start_methods()

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.fixture(params=METHODS)
def pool(request: pytest.FixtureRequest) -> Iterator[ProcessPoolExecutor]:
    method: str = request.param
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as running:
        yield running


def test_workers_with_a_client_each(pool: ProcessPoolExecutor, sandbox: Sandbox) -> None:
    """Ids, requests and errors go there and back, and so do records."""
    ids, url = sandbox.opportunity_ids[:4], sandbox.base_url
    with Lightfield(api_key=sandbox.api_key, base_url=url) as client:
        records = [client.opportunity.retrieve(id) for id in ids]
        assert list(pool.map(work.retrieve, [url] * 4, ids)) == records
        request = client.plan.opportunity.list(limit=3)
        assert pool.submit(work.send, url, request).result() == client.send(request)
    unknown = pool.submit(work.retrieve, url, "opp_unknown")
    with pytest.raises(NotFoundError, match="404 not_found"):
        unknown.result()


@pytest.mark.parametrize("kind", [Lightfield, AsyncLightfield])
def test_client_as_an_argument_is_refused_with_words_that_help(
    pool: ProcessPoolExecutor, kind: type[Lightfield | AsyncLightfield], sandbox: Sandbox
) -> None:
    client = kind(api_key=sandbox.api_key, base_url=sandbox.base_url)
    with pytest.raises(LightfieldUsageError, match=r"cannot be pickled.*Create one in each process"):
        pool.submit(work.use, client).result()


@pytest.mark.skipif("fork" not in METHODS, reason="no fork")
@pytest.mark.parametrize("used", [True, False], ids=["used", "only made"])
def test_forked_workers_may_use_the_client_of_their_parent(sandbox: Sandbox, used: bool) -> None:
    ids = sandbox.opportunity_ids
    with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url) as client:
        if used:
            client.opportunity.retrieve(ids[0])
        work.inherited[:] = [client]
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert [each.id for each in pool.map(work.retrieve_with_inherited, ids[:6], 1)] == ids[:6]
        assert client.opportunity.retrieve(ids[0]).id == ids[0]
    work.inherited.clear()
