"""A password of a Redis, and where it is, are nowhere to be seen; what cannot be an address is refused at once."""

import logging
import pickle
import traceback
from io import StringIO

import pytest
from rich.console import Console

from lightfield import AsyncLightfield, LightfieldTypeError, LightfieldValueError
from lightfield._config.config import resolve
from lightfield.integrations.redis import RedisLimits
from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.lifecycle.script import run
from tests.sharing.server import RedisServer

PASSWORD = "hunter2"
URL = f"redis://user:{PASSWORD}@limits.internal:6380/3"
SECRETS = (PASSWORD, "limits.internal")

MISSING = """
import sys
sys.modules["redis"] = None
from lightfield import Lightfield, LightfieldUsageError
from lightfield.integrations.redis import RedisLimits
try:
    Lightfield(api_key="k", rate_limits=RedisLimits("redis://localhost"))
except LightfieldUsageError as error:
    print(error)
"""


def shows(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_texts_of_limits_and_of_what_holds_them_show_no_url() -> None:
    limits = RedisLimits(URL, read=10)
    client = AsyncLightfield(api_key="k", rate_limits=limits)
    pace = limits.lane("a key", 10).pace
    for holder in (limits, resolve({"api_key": "k", "rate_limits": limits}), client, client.rate_limits, pace):
        printed = StringIO()
        Console(file=printed).print(holder)
        assert shows(f"{holder} {holder!r} {[holder]} {printed.getvalue()}") == []
    assert PASSWORD not in str(vars(pace))
    assert repr(limits) == "RedisLimits(…, read=10, write=25.0, search=25.0)"


@pytest.mark.parametrize(
    "url",
    [
        "limits.internal",
        f"http://user:{PASSWORD}@limits.internal",
        f"redis://user:pass:{PASSWORD}@limits.internal:port",
        f"redis://user:{PASSWORD}@limits.internal:99999999",
        f"redis://user:{PASSWORD}@limits.internal:6379?db=first",
        f"redis://user:{PASSWORD}@limits.internal:6379?colour={PASSWORD}",
        f"redis://user:{PASSWORD}@[limits.internal",
        "",
    ],
)
def test_what_is_no_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(LightfieldValueError, match="not shown") as caught:
        AsyncLightfield(api_key="k", rate_limits=RedisLimits(url))
    error: BaseException | None = caught.value
    while error is not None:
        assert shows("".join(traceback.format_exception(error))) == shows(repr(error.args)) == []
        error = error.__context__


def test_an_address_must_be_a_string() -> None:
    with pytest.raises(LightfieldTypeError, match="url must be a string, not bytes"):
        RedisLimits(b"redis://localhost")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_limits_travel_to_workers_with_their_url() -> None:
    limits = RedisLimits(URL, write=5)
    received: RedisLimits = pickle.loads(pickle.dumps(limits))
    assert (received, received.url) == (limits, URL)


async def test_a_redis_that_refuses_the_password_fails_no_call_and_is_not_shown(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with RedisServer(password="another") as server, Sandbox(opportunities=20, rate_limit=40) as sandbox:
        url = server.url.replace("another", PASSWORD)
        async with connect(sandbox.base_url, rate_limits=RedisLimits(url, read=40)) as client:
            result = await client.opportunity.retrieve_many(sandbox.opportunity_ids)
        assert (len(result.values), sandbox.throttled) == (20, 0)
    logged = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage() for record in logged] == [
        "Redis is unavailable (AuthenticationError): using a local rate limit."
    ]
    assert PASSWORD not in caplog.text
    assert url not in caplog.text


async def test_a_redis_that_asks_for_a_password_gets_it(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    with RedisServer(password=PASSWORD) as server, Sandbox(opportunities=1) as sandbox:
        async with connect(sandbox.base_url, rate_limits=RedisLimits(server.url)) as client:
            await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert len(server.keys()) == 1
    assert not [record for record in caplog.records if record.name == "lightfield"]


def test_without_the_package_the_error_says_how_to_get_it() -> None:
    assert run(MISSING) == "RedisLimits requires: pip install 'lightfield-async[redis]'\n"
