"""The page on reliability names every row, and every test of a row; each exists and runs with both clients.

So does every other test and command that the page names.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def functions(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Give the names of a file's functions and of their parameters."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, {argument.arg for argument in node.args.args}


LISTED = [(int(line[1]), name, target) for line in ROW.finditer(PAGE) for name, target in TEST.findall(line[0])]
FOUND = {
    (path.name, name): parameters
    for path in sorted(FAULTS.glob("test_*.py"))
    for name, parameters in functions(path)
    if OF_A_ROW.fullmatch(name)
}


def test_every_row_is_in_the_page_once_and_in_order() -> None:
    assert [int(line[1]) for line in ROW.finditer(PAGE)] == list(ROWS)


def test_every_row_has_a_test() -> None:
    assert {row for row, _, _ in LISTED} == set(ROWS)


@pytest.mark.parametrize(("row", "name", "target"), LISTED)
def test_a_named_test_is_of_that_row_and_exists(row: int, name: str, target: str) -> None:
    path = (DOCS / target).resolve()
    assert path.parent == FAULTS
    assert name in {found for found, _ in functions(path)}
    assert name.startswith(f"test_row_{row}_")


@pytest.mark.parametrize(("file", "name"), FOUND)
def test_a_test_of_a_row_is_named_in_the_page(file: str, name: str) -> None:
    assert [(listed, target) for _, listed, target in LISTED].count((name, f"../tests/faults/{file}")) == 1


@pytest.mark.parametrize(("file", "name"), FOUND)
def test_a_test_of_a_row_runs_with_both_clients(file: str, name: str) -> None:
    assert ("connect" in FOUND[file, name]) != (name in ONE_CLIENT_ONLY)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_tested_with_a_read_and_a_write(row: int) -> None:
    parameters = {each for (_, name), found in FOUND.items() if name.startswith(f"test_row_{row}_") for each in found}
    assert bool(parameters & {"call", "by_id"}) != (row in READS_OR_WRITES_ONLY)


def test_the_sections_are_there() -> None:
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("line", [line for line in PAGE.splitlines() if line.startswith("| ")])
def test_every_line_names_a_test_or_a_command(line: str) -> None:
    last = line.rsplit(" | ", 1)[1]
    assert last in {"test |", "proof |"} or LINK.search(last) or COMMAND.search(last)


@pytest.mark.parametrize(("name", "target"), sorted(set(TEST.findall(PAGE))))
def test_every_test_that_is_named_exists(name: str, target: str) -> None:
    assert name in {found for found, _ in functions((DOCS / target).resolve())}


@pytest.mark.parametrize(("program", "what"), sorted(set(COMMAND.findall(PAGE))))
def test_every_command_that_is_named_exists(program: str, what: str) -> None:
    if program == "nox -s":
        assert what in {name for name, _ in functions(DOCS.parent / "noxfile.py")}
    else:
        assert (DOCS.parent / what).exists()


def test_exceptions_are_of_use() -> None:
    assert set(ONE_CLIENT_ONLY) <= {name for _, name in FOUND}
    assert all(ONE_CLIENT_ONLY.values())
