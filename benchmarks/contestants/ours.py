"""Ours: the package of this checkout, with pacing and retries off, since the floor and the peer have neither."""

import msgspec

import lightfield
from lightfield import AsyncLightfield, Lightfield
from lightfield.types import OpportunityRetrieveResponse

from .tracing import traced
from .turns import API_KEY, DOCUMENT, identifiers, perform, together, turns


async def asynchronous(url: str) -> None:
    async with AsyncLightfield(api_key=API_KEY, base_url=url, rate_limits=None, max_retries=0) as client:
        for count in turns():
            await together(client.opportunity.retrieve, count)


def blocking(url: str) -> None:
    with Lightfield(api_key=API_KEY, base_url=url, rate_limits=None, max_retries=0) as client:
        for count in turns():
            for name in identifiers(count):
                client.opportunity.retrieve(name)


def decoding(_: str) -> None:
    decoder = msgspec.json.Decoder(OpportunityRetrieveResponse)
    body = DOCUMENT.read_bytes()
    for count in turns():
        for _turn in range(count):
            decoder.decode(body)


async def calling(url: str) -> None:
    async with AsyncLightfield(api_key=API_KEY, base_url=url, rate_limits=None, max_retries=0) as client:
        await client.opportunity.retrieve("opp_1")
        with traced(lightfield):
            await client.opportunity.retrieve("opp_2")


if __name__ == "__main__":
    perform(asynchronous, blocking, decoding, calling)
