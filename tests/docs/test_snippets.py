"""Every Python snippet of README and docs runs, against a sandbox as it is."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from lightfield._config.options import Options
from lightfield.resources.opportunities import Opportunities
from lightfield.testing import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```python(?: pytest)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TESTS = re.compile(r"^```python pytest\n(.*?)^```$", re.DOTALL | re.MULTILINE)
"""A test file, which pytest runs in a process of its own."""

FOREIGN = re.compile(r"^```python (?!pytest\n)(?P<library>\w+)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
"""A snippet that needs a library besides ours, and what that runs. It is only looked at here."""

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def lines(code: str) -> int:
    return sum(map(bool, code.splitlines()))


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sandbox]:
    monkeypatch.chdir(tmp_path)
    with Sandbox(opportunities=5, api_key="sk_lf_...") as sandbox:
        monkeypatch.setenv("LIGHTFIELD_API_KEY", sandbox.api_key)
        monkeypatch.setenv("LIGHTFIELD_BASE_URL", sandbox.base_url)
        monkeypatch.setenv("REDIS_URL", "redis://localhost")  # no snippet takes a slot from it
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


@pytest.mark.parametrize("page", [page for page in PAGES if TESTS.search(page.read_text())], ids=name)
def test_the_test_files_of_a_page_pass(page: Path, tmp_path: Path) -> None:
    found = TESTS.findall(page.read_text())
    for number, source in enumerate(found):
        (tmp_path / f"test_snippet_{number}.py").write_text(source, "utf-8")
    options = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-W", "error", "--strict-markers", "-q", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    tests = sum(len(re.findall(r"^ *(?:async )?def test_", source, re.MULTILINE)) for source in found)
    assert f"{tests} passed" in done.stdout


def test_the_page_on_testing_shows_everything_in_few_lines() -> None:
    features, _, recipes = (ROOT / "docs/testing.md").read_text().partition("\n## unittest\n")
    first, *rest = CODE.findall(features)
    assert "```python pytest\n" + first in features
    assert "@pytest.mark.lightfield_sandbox(" in first
    assert lines(first) <= 15
    assert [code for code in rest if lines(code) > 10] == []
    assert [code for code in CODE.findall(recipes) if lines(code) > 15] == []


@pytest.mark.parametrize("page", [page for page in PAGES if FOREIGN.search(page.read_text())], ids=name)
def test_snippets_that_need_another_library_name_only_what_there_is(page: Path) -> None:
    for found in FOREIGN.finditer(page.read_text()):
        compile(found["code"], f"{page}, {found['library']}", "exec")
        for node in ast.walk(ast.parse(found["code"])):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lightfield"):
                module = import_module(node.module or "")
                assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"Lightfield", "AsyncLightfield"}:
                assert {keyword.arg for keyword in node.keywords} <= set(Options.__optional_keys__)
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith(".opportunity"):
                assert hasattr(Opportunities, node.attr)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    broken = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert not broken


def test_the_readme_is_complete_wherever_it_is_shown() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    files = f"{project['urls']['Homepage']}/blob/main/"
    text = (ROOT / "README.md").read_text()
    targets = re.findall(r"\]\(([^)]+)\)|^\[[^\]]+\]: (.*)$", text, re.MULTILINE)
    links = [inline or defined for inline, defined in targets]
    assert [link for link in links if not link.startswith("https://")] == []
    ours = [link.removeprefix(files).partition("#")[0] for link in links if link.startswith(files)]
    assert ours
    assert [path for path in ours if not (ROOT / path).is_file()] == []


def test_addresses_of_the_project_are_in_its_repository() -> None:
    urls: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    paths = [url.removeprefix(urls["Homepage"]) for url in urls.values()]
    files = [path.split("/", 3)[3] for path in paths if path.startswith(("/blob/main/", "/tree/main/"))]
    assert all(path == "" or path.startswith("/") for path in paths)
    assert sorted(files) == ["CHANGELOG.md", "docs"]
    assert all((ROOT / file).exists() for file in files)


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
