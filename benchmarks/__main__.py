"""Ask all questions, or those named, and print the answers. See README.md."""

import argparse
import os
import platform
import sys
from pathlib import Path

import msgspec

from . import _peer, asynchronous, blocking, calling, decoding, importing
from ._contest import CrashedError, Stage
from ._report import tell
from ._server import ceiling, serving

QUESTIONS = {
    "async": asynchronous.answer,
    "blocking": blocking.answer,
    "decode": decoding.answer,
    "import": importing.answer,
    "calls": calling.answer,
}


def main() -> None:
    options = _options()
    peer = _peer.interpreter()
    with serving() as server:
        print(
            f"Python {platform.python_version()}, {os.cpu_count()} cores; {_peer.REQUIREMENT}; "
            f"server: {server.name}, {ceiling(server):,.0f} requests/s to a bare socket\n"
        )
        stage = Stage(server.url, peer, rounds=options.rounds, requests=options.requests)
        answers = {name: tell(QUESTIONS[name](stage)) for name in options.only}
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(answers)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, default=list(QUESTIONS), help=f"of {','.join(QUESTIONS)}")
    parser.add_argument("--rounds", type=int, default=7, help="rounds per question (default: 7)")
    parser.add_argument("--requests", type=int, default=250, help="operations per turn (default: 250)")
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
