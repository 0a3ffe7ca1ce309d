"""The command line: ``python -m lightfield demo`` and ``python -m lightfield sandbox``.

Output is plain text without the ``cli`` extra, and in colour with it.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from lightfield import __version__

from .ending import PROGRAM, clean_end

_NOT_GIVEN = argparse.SUPPRESS
"""The default of options of the sandbox: only those that are given are passed on to it."""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code, 0 or 1.

    Raises:
        SystemExit: 0 after ``--help`` and ``--version``, 1 after an error, 2 after incorrect usage, 130 after Ctrl-C.
    """
    with clean_end():
        parser = _parser()
        options = parser.parse_args(arguments)
        if [] in vars(options).values():  # as some versions of Python make of `--store=--`
            parser.error("-- is not the value of an option")
        from lightfield.cli import demo, sandbox  # here: --help and --version need none of what they load

        commands = {"demo": demo.run, "sandbox": sandbox.run}
        return commands[options.command](options)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exit with 2 after one line, also where it cannot be shown."""
        with suppress(OSError):
            print(f"{self.prog}: error: {message} (--help shows what there is)", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=PROGRAM, description="Command line of the Lightfield SDK.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="bulk-fetch opportunities from a sandbox; needs no key and no network")
    serve = commands.add_parser("sandbox", help="run a local server that implements the API, until interrupted")
    for command in (demo, serve):
        _add_number(command, "--opportunities", _between(int, 0, 100_000), 200, "number of opportunities")
        _add_number(command, "--seed", _between(int, -(2**64), 2**64), 0, "seed of the opportunities")
        _add_number(command, "--latency", _between(float, 0, 3600), 0.0, "seconds each response takes")
    _add_sandbox_options(serve)
    demo.set_defaults(opportunities=200, seed=0, latency=0.0)
    serve.set_defaults(port=8025, log=False)
    return parser


def _add_sandbox_options(command: argparse.ArgumentParser) -> None:
    _add_number(command, "--port", _between(int, 0, 65535), 8025, "port to listen on; 0 takes a free one")
    key = "the key it accepts (default: sk_lf_sandbox)"
    command.add_argument("--api-key", type=_api_key, metavar="KEY", help=key, default=_NOT_GIVEN)
    limit, limiters = "requests per second in each category, or none (default: 25)", ("bucket", "window", "sliding")
    command.add_argument("--rate-limit", type=_rate_limit, metavar="N", help=limit, default=_NOT_GIVEN)
    limiter = "how the limit counts (default: bucket)"
    command.add_argument("--limiter", choices=limiters, help=limiter, default=_NOT_GIVEN)
    _add_number(command, "--index-lag", _between(float, 0, 3600), 0.0, "seconds until lists show a write")
    strict = "refuse unknown members of bodies, or ignore them (default: --strict)"
    command.add_argument("--strict", action=argparse.BooleanOptionalAction, help=strict, default=_NOT_GIVEN)
    store = "SQLite file that keeps everything; made if there is none"
    command.add_argument("--store", metavar="FILE", help=store, default=_NOT_GIVEN)
    command.add_argument("--log", action="store_true", help="show each request on standard error")


def _add_number(
    command: argparse.ArgumentParser, name: str, kind: Callable[[str], float], default: float, purpose: str
) -> None:
    command.add_argument(name, type=kind, metavar="N", help=f"{purpose} (default: {default:g})", default=_NOT_GIVEN)


def _between(kind: type[int] | type[float], lowest: int, highest: int) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(f"must be from {lowest} to {highest}")
        return value

    return number


def _rate_limit(text: str) -> float | None:
    if text.lower() == "none":
        return None
    try:
        return _between(int, 1, 1_000_000_000)(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a whole number, or none") from None


def _api_key(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text or not text:
        raise argparse.ArgumentTypeError("must be visible ASCII characters")
    return text
