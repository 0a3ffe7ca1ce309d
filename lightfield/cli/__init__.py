"""The command line: ``python -m lightfield demo`` and ``python -m lightfield sandbox``.

Output is plain text without the ``cli`` extra, and in colour with it.
"""

import argparse
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from .ending import PROGRAM, clean_end


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code, 0 or 1.

    Raises:
        SystemExit: 0 after ``--help`` and ``--version``, 1 after an error, 2 after incorrect usage, 130 after Ctrl-C.
    """
    with clean_end():
        from lightfield.cli import demo, sandbox

        options = _parser().parse_args(arguments)
        commands = {"demo": demo.run, "sandbox": sandbox.run}
        return commands[options.command](options)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exit with 2, also where the message cannot be shown: not every release of argparse ignores that."""
        with suppress(OSError):
            super().error(message)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    from lightfield import __version__

    parser = _Parser(prog=PROGRAM, description="Command line of the Lightfield SDK.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="bulk-fetch opportunities from a sandbox; needs no key and no network")
    serve = commands.add_parser("sandbox", help="run a local server that implements the API, until interrupted")
    for command in (demo, serve):
        _add_number(command, "--opportunities", _between(int, 0, 100_000), 200, "number of opportunities")
        _add_number(command, "--seed", _between(int, -(2**64), 2**64), 0, "seed of the opportunities")
        _add_number(command, "--latency", _between(float, 0, 3600), 0.0, "seconds each response takes")
    _add_number(serve, "--port", _between(int, 0, 65535), 8025, "port to listen on; 0 takes a free one")
    return parser


def _add_number(
    command: argparse.ArgumentParser, name: str, kind: Callable[[str], float], default: float, purpose: str
) -> None:
    command.add_argument(name, type=kind, default=default, help=f"{purpose} (default: {default:g})")


def _between(kind: type[int] | type[float], lowest: int, highest: int) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(f"must be from {lowest} to {highest}")
        return value

    return number
