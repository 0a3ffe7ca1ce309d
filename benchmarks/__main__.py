"""Run the usual benchmarks, or those named, and print the results. See README.md."""

import argparse
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from . import (
    _peer,
    asynchronous,
    blocking,
    calling,
    clients,
    concurrency,
    decoding,
    fleets,
    holding,
    importing,
    jobs,
    limits,
    memory,
    picture,
    sandbox,
    sharing,
    simulating,
    tls,
)
from ._contest import CrashedError, Stage
from ._report import Answer, tell
from ._server import ceiling, serving


class Question(msgspec.Struct, frozen=True):
    """A benchmark; the usual ones run unless others are named."""

    answer: Callable[[Stage], Answer]
    rounds: int = 5
    usual: bool = True


QUESTIONS = {
    "async": Question(asynchronous.answer),
    "blocking": Question(blocking.answer),
    "decode": Question(decoding.answer),
    "memory": Question(memory.answer),
    "import": Question(importing.answer),
    "clients": Question(clients.answer),
    "concurrency": Question(concurrency.answer),
    "tls": Question(tls.answer),
    "calls": Question(calling.answer),
    "jobs": Question(jobs.answer, usual=False),
    "limits": Question(limits.answer, rounds=3, usual=False),
    "picture": Question(picture.answer, rounds=1, usual=False),
    "simulation": Question(simulating.answer, usual=False),
    "sandbox": Question(sandbox.answer, rounds=3, usual=False),
    "sharing": Question(sharing.answer, rounds=1, usual=False),
    "fleets": Question(fleets.answer, rounds=1, usual=False),
    "bulk": Question(holding.answer, rounds=1, usual=False),
}
USUAL = [name for name, question in QUESTIONS.items() if question.usual]


def main() -> None:
    options = _options()
    peer = _peer.interpreter()
    with serving() as server:
        print(
            f"Python {platform.python_version()}, {os.cpu_count()} cores; {_peer.REQUIREMENT}; "
            f"server: {server.name}, {ceiling(server):,.0f} requests/s to a bare socket\n"
        )
        answers: dict[str, Answer] = {}
        for name in options.only:
            question = QUESTIONS[name]
            rounds = options.rounds or question.rounds
            stage = Stage(server.url, peer, rounds=rounds, requests=options.requests, limit=options.limit)
            answers[name] = tell(question.answer(stage))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(answers)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    choice = f"of {','.join(QUESTIONS)} (default: {','.join(USUAL)})"
    parser.add_argument("--only", type=_names, default=USUAL, help=choice)
    parser.add_argument("--rounds", type=int, help="rounds per question (default: 5, or as README.md says)")
    parser.add_argument("--requests", type=int, default=250, help="operations per turn (default: 250)")
    parser.add_argument("--limit", type=int, default=250, help="requests/s for 10,000 calls of bulk (default: 250)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures of every round to FILE")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    if not QUESTIONS.keys() >= set(names):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(QUESTIONS)}")
    return names


if __name__ == "__main__":
    try:
        main()
    except CrashedError as crash:
        sys.exit(str(crash))
