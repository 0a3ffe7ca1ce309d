"""The floor: the cost of aiohttp and msgspec alone, with default settings."""

from typing import Any

import aiohttp
import msgspec

from .turns import API_KEY, CONCURRENCY, perform, together, turns


class FieldValue(msgspec.Struct, rename="camel"):
    value: Any
    value_type: str


class Relationship(msgspec.Struct, rename="camel"):
    cardinality: str
    object_type: str
    values: list[str]


class Opportunity(msgspec.Struct, rename="camel"):
    id: str
    created_at: str
    fields: dict[str, FieldValue]
    relationships: dict[str, Relationship]
    updated_at: str | None = None
    external_id: str | None = None
    http_link: str | None = None


async def asynchronous(url: str, concurrency: str = str(CONCURRENCY)) -> None:
    decoder = msgspec.json.Decoder(Opportunity)
    headers = {"Authorization": f"Bearer {API_KEY}", "Lightfield-Version": "2026-03-01"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def retrieve(name: str) -> Opportunity:
            async with session.get(f"{url}/v1/opportunities/{name}") as response:
                return decoder.decode(await response.read())

        for count in turns():
            await together(retrieve, count, int(concurrency))


if __name__ == "__main__":
    perform(asynchronous)
