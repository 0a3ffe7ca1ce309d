"""What is said in place of a secret; that no failure shows one is shown in ``tests/secrets``."""

import pytest

from lightfield import LightfieldError
from tests.client.both import Connect
from tests.faults.server import FaultServer, http
from tests.faults.storage import SIGNED, StorageServer
from tests.secrets.seen import KEY, everything

ECHO = f"<Error><Code>SignatureDoesNotMatch</Code><Resource>/bucket/fil_1?{SIGNED}</Resource></Error>".encode()


async def transfer_failure(connect: Connect, url: str, way: str) -> LightfieldError:
    async with connect(url, api_key=KEY, max_retries=0) as client:
        upload, download = client.file.upload, client.file.download
        with pytest.raises(LightfieldError) as caught:
            await (upload(b"a", filename="a", deadline=1) if way == "upload" else download("fil_1", deadline=1))
    return caught.value


async def test_a_key_that_is_echoed_is_named_in_its_place(connect: Connect) -> None:
    refusal = {"error": {"type": "unauthorized", "message": f"Unknown key {KEY}."}}
    with FaultServer(http(401, refusal)) as server:
        async with connect(server.base_url, api_key=KEY) as client:
            with pytest.raises(LightfieldError, match=r"Unknown key \[API key\]\."):
                await client.request("GET", "/v1/things")


@pytest.mark.parametrize("way", ["upload", "download"])
async def test_the_code_of_a_refusal_is_told_and_the_signed_address_is_not(connect: Connect, way: str) -> None:
    with StorageServer(http(403, ECHO, {"X-Echo": SIGNED})) as server:
        error = await transfer_failure(connect, server.base_url, way)
    assert "SignatureDoesNotMatch" in str(error)
    assert SIGNED not in everything(error)


@pytest.mark.parametrize("way", ["upload", "download"])
async def test_no_answer_that_cannot_be_decoded_shows_a_signed_address(connect: Connect, way: str) -> None:
    document = {"uploadUrl": f"https://example.invalid/a?{SIGNED}", "url": f"https://example.invalid/a?{SIGNED}"}
    with FaultServer(http(200, document)) as server:
        error = await transfer_failure(connect, server.base_url, way)
    assert "https://example.invalid/a?..." in str(error)
    assert SIGNED not in everything(error)
