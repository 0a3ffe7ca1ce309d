"""Plays the scenario against sandboxes of its own, with our clients or in another program."""

import asyncio
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.official import scenario
from tests.official.scenario import KEY, READER, Cast, Transcript

PROGRAM = Path(scenario.__file__)


@contextmanager
def _stage() -> Generator[tuple[str, str]]:
    """Run a sandbox without a limit, and one that takes one request a second; give their URLs."""
    keys = {READER: {"opportunities:read"}}
    with (
        Sandbox(opportunities=12, api_key=KEY, rate_limit=None, keys=keys) as sandbox,
        Sandbox(opportunities=0, api_key=KEY, rate_limit=1) as slow,
    ):
        yield sandbox.base_url, slow.base_url


async def play_with(connect: Connect) -> Transcript:
    """Play with one of our clients."""
    options = {"rate_limits": None, "max_retries": 0}
    with _stage() as (url, slow):
        async with (
            connect(url, **options) as client,
            connect(url, api_key=READER, **options) as reader,
            connect(slow, **options) as hurried,
        ):
            return await scenario.play(Cast(client, reader, hurried))


async def play_elsewhere(python: Path) -> Transcript:
    """Play with the package of another interpreter, in a process of its own."""
    with _stage() as urls:
        # None of the caller's variables, such as a proxy or the key, are passed on.
        environment = {"PATH": os.environ["PATH"]}
        process = await asyncio.create_subprocess_exec(
            python, PROGRAM, *urls, env=environment, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
    transcript: Transcript = json.loads(output)
    return transcript


def differences(expected: Transcript, actual: Transcript) -> list[str]:
    """Describe each result that differs, and each chapter that stopped."""
    told: list[str] = []
    for name, lines in expected.items():
        others = actual.get(name, [])
        if len(lines) != len(others):
            told.append(f"{name}: {len(lines)} results with the one, {len(others)} with the other")
        told += [
            f"{name}, result {number}:\n  one:   {one}\n  other: {other}"
            for number, (one, other) in enumerate(zip(lines, others, strict=False), 1)
            if one != other and not f"{one}".startswith(scenario.STOPPED)
        ]
    for transcript in (expected, actual):
        told += [f"{name} {transcript[name][-1]}" for name in sorted(scenario.stopped(transcript))]
    return told
