"""Pages of a list of opportunities with 50 fields and 10 relationships each, and the memory they take once decoded."""

import gc
import json
import random
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

OPPORTUNITIES = 10_000
PAGE = 25
FIELDS = 50
RELATIONSHIPS = 10
TYPES = ("TEXT", "NUMBER", "CURRENCY", "DATETIME", "SINGLE_SELECT", "MULTI_SELECT", "CHECKBOX", "URL", "MARKDOWN")
OTHERS = ("account", "member", "contact", "task", "note", "meeting")


def pages() -> Iterator[bytes]:
    """Yield the bodies of all pages, the same in every process."""
    chance = random.Random(0)
    for start in range(0, OPPORTUNITIES, PAGE):
        data = [_opportunity(chance, number) for number in range(start, start + PAGE)]
        yield json.dumps({"data": data, "object": "list", "totalCount": OPPORTUNITIES}).encode()


def _opportunity(chance: random.Random, number: int) -> dict[str, Any]:
    name = f"opp_{number:020d}"
    return {
        "id": name,
        "createdAt": "2026-05-01T16:00:00.000Z",
        "updatedAt": "2026-05-02T16:00:00.000Z",
        "externalId": None,
        "httpLink": f"https://crm.lightfield.app/crm/opportunities/{name}",
        "fields": {f"$field{index}": _field(chance, TYPES[index % len(TYPES)]) for index in range(FIELDS)},
        "relationships": {f"$link{index}": _relationship(chance, index) for index in range(RELATIONSHIPS)},
    }


def _field(chance: random.Random, kind: str) -> dict[str, Any]:
    values = {
        "NUMBER": chance.randrange(1_000_000),
        "CURRENCY": chance.randrange(1_000_000),
        "CHECKBOX": chance.random() < 0.5,
        "MULTI_SELECT": [f"opt_{chance.randrange(10**20):020d}" for _ in range(2)],
    }
    value = values.get(kind, f"{kind.lower()}_{chance.randrange(10**20):020d}")
    return {"value": None if chance.random() < 0.2 else value, "valueType": kind}


def _relationship(chance: random.Random, index: int) -> dict[str, Any]:
    kind, many = OTHERS[index % len(OTHERS)], index % 2 == 1
    values = [f"{kind[:3]}_{chance.randrange(10**20):020d}" for _ in range(chance.randrange(3 if many else 2))]
    return {"cardinality": "HAS_MANY" if many else "HAS_ONE", "objectType": kind, "values": values}


def print_memory(decode: Callable[[bytes], object]) -> None:
    """Decode every page, keep the results, and print how many bytes the resident set has grown by."""
    bodies = list(pages())
    kept = [decode(bodies[0])]
    gc.collect()
    before = _resident()
    kept += [decode(body) for body in bodies[1:]]
    gc.collect()
    print(_resident() - before)


def _resident() -> int:
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
