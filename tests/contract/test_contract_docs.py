"""The page of operations in the docs is the one that the facts make."""

from pathlib import Path

from tests.contract.facts import OPERATIONS, table

PAGE = Path(__file__).parents[2] / "docs/operations.md"


def test_the_docs_list_every_operation() -> None:
    assert f"\n\n{table()}\n\n" in PAGE.read_text("utf-8")


def test_the_docs_say_how_many_categories_are_assumed() -> None:
    assumed = sum(fact.assumed for fact in OPERATIONS)
    assert f"{assumed} of {len(OPERATIONS)}" in PAGE.read_text("utf-8")
