"""Each row of the tables on migrating leads to a snippet, and says what is the case here.

``nox -s migrating`` shows the same of the official SDK.
"""

import re

import pytest

from tests.docs.migrating import PAGE, SNIPPET, differences, evaluate

DIFFERENCES = PAGE.read_text("utf-8").split("\n## Differences\n")[1]
ROWS = re.findall(r"^\| \[([^\]]+)\]\(#([^)]+)\) \|", DIFFERENCES, re.MULTILINE)
SECTIONS = dict(re.findall(r"^### (.*?)\n(.*?)(?=^### |\Z)", DIFFERENCES, re.DOTALL | re.MULTILINE))
EXAMPLES = [(heading, example) for heading, examples in differences().items() for example in examples]


def test_each_row_has_a_section_and_examples_in_its_order() -> None:
    headings = [heading for heading, _ in ROWS]
    assert headings
    assert headings == list(SECTIONS)
    assert headings == list(differences())


def test_each_row_links_to_its_section() -> None:
    anchors = [re.sub(r"[^a-z-]", "", heading.lower().replace(" ", "-")) for heading, _ in ROWS]
    assert [anchor for _, anchor in ROWS] == anchors


def test_each_section_is_one_snippet() -> None:
    assert {heading: len(SNIPPET.findall(text)) for heading, text in SECTIONS.items()} == dict.fromkeys(SECTIONS, 1)


def test_most_examples_show_a_difference() -> None:
    alike = [example for _, example in EXAMPLES if example["official"] == example["here"]]
    assert len(alike) < len(EXAMPLES) / 5


@pytest.mark.parametrize(("heading", "example"), EXAMPLES, ids=[heading for heading, _ in EXAMPLES])
def test_an_example_is_what_the_row_says(heading: str, example: dict[str, str]) -> None:
    assert evaluate(example["code"]) == example["here"], heading
