"""Every Python snippet of README and docs runs, against a sandbox that knows the ids they use."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lightfield.testing import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
DOCUMENT = json.loads((Path(__file__).parent / "opportunity.json").read_text())


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(opportunities=0, api_key="sk_lf_...") as sandbox:
        sandbox.opportunities[DOCUMENT["id"]] = DOCUMENT
        monkeypatch.setenv("LIGHTFIELD_API_KEY", sandbox.api_key)
        monkeypatch.setenv("LIGHTFIELD_BASE_URL", sandbox.base_url)
        yield sandbox


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("page", [page for page in PAGES if SNIPPET.search(page.read_text())], ids=name)
def test_the_snippets_of_a_page_run_in_order(page: Path) -> None:
    namespace: dict[str, object] = {"__name__": "snippet"}
    text = page.read_text()
    for found in SNIPPET.finditer(text):
        line = text[: found.start(1)].count("\n")
        code = compile("\n" * line + found[1], str(page), "exec")
        exec(code, namespace)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    broken = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert not broken


def test_ci_runs_the_commands_of_the_readme() -> None:
    commands = re.findall(r"^```sh\n(.*?)\n```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(commands) == 2
    assert all("\n" not in command for command in commands)
    script = (ROOT / ".ci/run").read_text()
    assert '"$(readme 1)"' in script
    assert '"$(readme 2)"' in script


def test_the_error_tree_of_the_docs_is_the_one_of_the_code() -> None:
    import lightfield.errors

    tree = re.findall(r"^ {4}(.*)$", (lightfield.errors.__doc__ or ""), re.MULTILINE)
    assert "\n".join(tree).strip() in (ROOT / "docs/errors.md").read_text()


def test_internals_name_every_room() -> None:
    rooms = {path.name for path in (ROOT / "lightfield").glob("_*.py")} - {"__init__.py", "__main__.py"}
    page = (ROOT / "docs/internals.md").read_text()
    assert {room for room in rooms if f"`{room}`" not in page} == set()
