"""The command line: ``python -m lightfield demo`` and ``python -m lightfield sandbox``.

Output is plain text without the ``cli`` extra, and in colour with it.
"""

import argparse
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 on success, 1 on failure, 2 on incorrect usage."""
    from lightfield.cli import demo, sandbox

    options = _parser().parse_args(arguments)
    commands = {"demo": demo.run, "sandbox": sandbox.run}
    return commands[options.command](options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lightfield", description="Command line of the Lightfield SDK.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="bulk-fetch opportunities from a sandbox; needs no key and no network")
    serve = commands.add_parser("sandbox", help="run a local server that implements the API, until interrupted")
    for command in (demo, serve):
        command.add_argument(
            "--opportunities", type=_natural, default=200, help="number of opportunities (default: 200)"
        )
        command.add_argument("--seed", type=int, default=0, help="seed of the opportunities (default: 0)")
        command.add_argument("--latency", type=float, default=0.0, help="seconds each response takes (default: 0)")
    serve.add_argument(
        "--port", type=_natural, default=8025, help="port to listen on; 0 takes a free one (default: 8025)"
    )
    return parser


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be 0 or more")
    return number
