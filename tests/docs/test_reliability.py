"""The page on reliability names every row, and every test of a row; each exists and runs with both clients.

So does every other test and command that the page names.
"""

import ast
import re
from functools import cache
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
FAULTS = Path(__file__).parents[1] / "faults"
PAGE = (DOCS / "reliability.md").read_text()
ROWS = range(1, 73)

ROW = re.compile(r"^\| (\d+) \|.*$", re.MULTILINE)
TEST = re.compile(r"\[`(\w+)`\]\(([^)]+)\)")
LINK = re.compile(r"\[`[^\]]*`\]\(([^)]+)\)")
COMMAND = re.compile(r"`(nox -s|pytest|python) ([^` ]+)`")
SECTIONS = ["Before a request is sent", "On the wire", "HTTP", "Decoding", "Lifecycle", "Guarantees"]
OF_A_ROW = re.compile(r"test_row_(\d+)_\w+")

ONE_CLIENT_ONLY: dict[str, str] = {}
"""Tests that run with one client, and why."""

READS_OR_WRITES_ONLY = {
    8: "one program makes both",
    11: "there is no client to make a call",
    12: "there is no client to make a call",
    19: "a read has no body",
    62: "reads and writes are mixed",
    72: "a listing is a read",
}
"""Rows none of whose tests runs with a read and with a write by a parameter, and why."""


@cache
def functions(path: Path) -> dict[str, set[str]]:
    """Give a file's functions, and the names of their parameters."""
    return {
        node.name: {argument.arg for argument in node.args.args}
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def there(name: str, target: str) -> bool:
    """Whether a link leads to a file with that test."""
    path = (DOCS / target).resolve()
    return path.exists() and name in functions(path)


LISTED = [(int(line[1]), name, target) for line in ROW.finditer(PAGE) for name, target in TEST.findall(line[0])]
FOUND = {
    (path.name, name): parameters
    for path in sorted(FAULTS.glob("test_*.py"))
    for name, parameters in functions(path).items()
    if OF_A_ROW.fullmatch(name)
}


def test_every_row_is_in_the_page_once_and_in_order() -> None:
    assert [int(line[1]) for line in ROW.finditer(PAGE)] == list(ROWS)


def test_every_row_has_a_test() -> None:
    assert {row for row, _, _ in LISTED} == set(ROWS)


def test_a_named_test_is_of_that_row_and_exists() -> None:
    wrong = [
        name
        for row, name, target in LISTED
        if not (name.startswith(f"test_row_{row}_") and (DOCS / target).resolve().parent == FAULTS)
    ]
    assert wrong == []
    assert [name for _, name, target in LISTED if not there(name, target)] == []


def test_a_test_of_a_row_is_named_in_the_page_once() -> None:
    listed = [(name, target) for _, name, target in LISTED]
    assert [name for file, name in FOUND if listed.count((name, f"../tests/faults/{file}")) != 1] == []


def test_a_test_of_a_row_runs_with_both_clients() -> None:
    assert {name for (_, name), found in FOUND.items() if "connect" not in found} == set(ONE_CLIENT_ONLY)


def test_a_row_is_tested_with_a_read_and_a_write() -> None:
    both = {
        row
        for row in ROWS
        for (_, name), found in FOUND.items()
        if name.startswith(f"test_row_{row}_") and found & {"call", "by_id"}
    }
    assert set(ROWS) - both == set(READS_OR_WRITES_ONLY)


def test_the_sections_are_there() -> None:
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE) == SECTIONS


def test_every_line_names_a_test_or_a_command() -> None:
    ends = [line.rsplit(" | ", 1)[1] for line in PAGE.splitlines() if line.startswith("| ")]
    assert ends
    heads = {"test |", "proof |"}
    assert [end for end in ends if not (end in heads or LINK.search(end) or COMMAND.search(end))] == []


def test_every_test_that_is_named_exists() -> None:
    named = set(TEST.findall(PAGE))
    assert named
    assert [name for name, target in sorted(named) if not there(name, target)] == []


def test_every_command_that_is_named_exists() -> None:
    sessions = functions(DOCS.parent / "noxfile.py")
    named = set(COMMAND.findall(PAGE))
    assert named
    wrong = [
        f"{program} {what}"
        for program, what in sorted(named)
        if not (what in sessions if program == "nox -s" else (DOCS.parent / what).exists())
    ]
    assert wrong == []


def test_exceptions_are_of_use() -> None:
    assert set(ONE_CLIENT_ONLY) <= {name for _, name in FOUND}
    assert all(ONE_CLIENT_ONLY.values())
