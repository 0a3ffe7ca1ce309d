"""The page on migrating with the official SDK and with this package: ``python -m tests.docs.migrating_with_both``.

Each has an environment of its own. Both talk to one sandbox, which runs as a program.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks import _peer
from tests.client.serving import assigned

PROGRAM = Path(__file__).parent / "migrating.py"
PAGE = Path(__file__).parents[2] / "docs" / "migrating.md"
ROWS = {
    "package": ["Names"],
    "types": ["Response types"],
    "client": ["Attributes", "Other endpoints"],
    "async client": ["Attributes", "Other endpoints"],
    "response": ["Raw responses"],
    "async response": ["Raw responses"],
    "streaming response": ["Raw responses"],
    "error": ["Error responses"],
}
"""Where the page mentions which names."""


@contextmanager
def sandbox() -> Generator[dict[str, str]]:
    """Run a sandbox and give the variables that lead to it."""
    command = [sys.executable, "-m", "lightfield", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield assigned(running.stdout.readline() for _ in range(2))
        finally:
            running.terminate()


def unmentioned(official: Mapping[str, list[str]], here: Mapping[str, list[str]]) -> list[str]:
    """Return the names that only the official SDK has and that the page does not mention as such."""
    cells = dict(re.findall(r"^\| \[(.*?)\]\S* \| (.*?) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    missing: list[str] = []
    for owner, names in official.items():
        code = " ".join(re.findall(r"`([^`]+)`", " ".join(cells[row] for row in ROWS[owner])))
        missing += [f"{owner}: {name}" for name in sorted({*names} - {*here[owner]} - {*re.findall(r"\w+", code)})]
    return missing


def main() -> int:
    """Run the page and its differences on both sides, compare their names, and return 0 if all is as the page says."""
    pythons = {"official": str(_peer.interpreter()), "here": sys.executable}
    names: dict[str, dict[str, list[str]]] = {}
    failed = 0
    with sandbox() as variables:
        for side, python in pythons.items():
            failed += subprocess.run([python, PROGRAM, side], env=os.environ | variables, check=False).returncode != 0
            listing = subprocess.run([python, PROGRAM, "names"], stdout=subprocess.PIPE, check=True)
            names[side] = json.loads(listing.stdout)
    missing = unmentioned(names["official"], names["here"])
    print(*(f"not on the page: {name}" for name in missing), sep="\n")  # noqa: T201 # its result
    return bool(failed or missing)


if __name__ == "__main__":
    sys.exit(main())
