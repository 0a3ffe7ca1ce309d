"""Do tests and tools run with locked versions, and with those that the ranges allow?"""

import ast
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = "tests/constraints.txt"
UNLOCKED = {"install", "lock", "newest"}
"""Functions of the noxfile that call pip by themselves: to use the lock, to write it, and to do without."""


def noxfile() -> ast.Module:
    return ast.parse((ROOT / "noxfile.py").read_text("utf-8"))


def locked() -> dict[str, str]:
    """Give the version of each package."""
    found = [Requirement(line) for line in (ROOT / LOCK).read_text("utf-8").splitlines()]
    return {canonicalize_name(one.name): str(one.specifier) for one in found}


def wanted() -> list[Requirement]:
    """Give what the package, its extras and the tools ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    tools = next(
        node for node in noxfile().body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TOOLS"
    )
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["dev"], *extras["cli"], *extras["redis"], *ast.literal_eval(tools.value)]
    return [found for line in lines if (found := Requirement(line)).name != project["name"]]


def test_every_package_is_locked_to_a_version_that_is_allowed() -> None:
    versions = locked()
    assert [name for name, version in versions.items() if not re.fullmatch(r"==[\w.]+", version)] == []
    needs = {canonicalize_name(one.name): one.specifier for one in wanted()}
    assert [name for name in needs if name not in versions] == []
    assert [name for name, allowed in needs.items() if not allowed.contains(versions[name].strip("="))] == []


def test_the_package_itself_is_not_locked() -> None:
    assert "lightfield-async" not in locked()


def test_every_command_that_installs_for_tests_uses_the_lock() -> None:
    for page in ("README.md", "CONTRIBUTING.md", ".ci/run"):
        commands = re.findall(r"pip install .*\[dev\].*", (ROOT / page).read_text("utf-8"))
        assert commands, page
        assert all(f" --constraint {LOCK} " in command for command in commands), page


def test_every_session_that_installs_uses_the_lock() -> None:
    sessions = [node for node in noxfile().body if isinstance(node, ast.FunctionDef)]
    assert f"LOCK = Path('{LOCK}')" in ast.unparse(noxfile())
    assert {session.name for session in sessions if "session.install(" in ast.unparse(session)} == UNLOCKED
