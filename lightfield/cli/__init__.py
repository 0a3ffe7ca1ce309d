"""What can be done from the shell: ``python -m lightfield demo`` and ``python -m lightfield sandbox``.

Works without the ``cli`` extra, in plain text; with it, in colour.
"""

import argparse
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code: 0 for success, 1 for a failure, 2 for a command misused."""
    from lightfield.cli import demo, sandbox

    options = _parser().parse_args(arguments)
    commands = {"demo": demo.run, "sandbox": sandbox.run}
    return commands[options.command](options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lightfield", description="The Lightfield CRM API, from the shell.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="bulk-fetch opportunities from a sandbox; needs no key and no network")
    serve = commands.add_parser("sandbox", help="run a local server that speaks the API, until interrupted")
    for command in (demo, serve):
        command.add_argument("--opportunities", type=_whole, default=200, help="how many it holds (default: 200)")
        command.add_argument("--seed", type=int, default=0, help="same seed, same opportunities (default: 0)")
        command.add_argument("--latency", type=float, default=0.0, help="seconds each answer takes (default: 0)")
    serve.add_argument(
        "--port", type=_whole, default=8025, help="port to listen on; 0 takes a free one (default: 8025)"
    )
    return parser


def _whole(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be 0 or more")
    return number
