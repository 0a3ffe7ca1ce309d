"""Do type checkers see the right types, and refuse what is wrong? They are asked from outside, as users ask them."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
RIGHT = ["awaited.py", "blocking.py", "official.py", "sandbox.py"]
WRONG = "misuse.py"

pytestmark = pytest.mark.timeout(300)

Reports = set[tuple[str, int]]
"""Where a checker found errors: file and line."""


def output_of(folder: Path, *command: str) -> str:
    """Run a Python module in a folder; checkers tell by their exit status whether they found errors."""
    tools = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
    program = [sys.executable, "-m", *command]
    done = subprocess.run(program, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout


def pyright(project: Path) -> Reports:
    (project / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "pythonVersion": "3.11"}')
    report: dict[str, Any] = json.loads(output_of(project, "pyright", "--outputjson"))
    assert report["summary"]["filesAnalyzed"] == len([*RIGHT, WRONG])
    found = [entry for entry in report["generalDiagnostics"] if entry["severity"] == "error"]
    return {(Path(entry["file"]).name, entry["range"]["start"]["line"] + 1) for entry in found}


def mypy(project: Path) -> Reports:
    lines = output_of(project, "mypy", "--strict", "--python-version=3.11", "--output=json", ".").splitlines()
    found = [entry for entry in map(json.loads, lines) if entry["severity"] == "error"]
    return {(Path(entry["file"]).name, entry["line"]) for entry in found}


@pytest.fixture(scope="module", params=[pyright, mypy])
def reports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """Let each checker look at a project that uses the package."""
    project = tmp_path_factory.mktemp("project")
    for name in [*RIGHT, WRONG]:
        shutil.copy(HERE / name, project)
    found: Reports = request.param(project)
    return found


@pytest.mark.parametrize("name", RIGHT)
def test_every_shape_of_operation_has_the_right_type(reports: Reports, name: str) -> None:
    assert {line for file, line in reports if file == name} == set()


def test_every_misuse_is_reported_and_nothing_else(reports: Reports) -> None:
    lines = (HERE / WRONG).read_text("utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if re.search(r"# E$", line)}
    assert marked
    assert {line for file, line in reports if file == WRONG} == marked


def test_every_public_name_has_a_known_type(tmp_path: Path) -> None:
    report = json.loads(
        output_of(tmp_path, "pyright", "--outputjson", "--verifytypes", "lightfield", "--ignoreexternal")
    )
    found = report["typeCompleteness"]
    vague = [symbol["name"] for symbol in found["symbols"] if symbol["isExported"] and not symbol["isTypeKnown"]]
    assert found["exportedSymbolCounts"]["withKnownType"] > 0
    assert (found["completenessScore"], vague) == (1, [])
