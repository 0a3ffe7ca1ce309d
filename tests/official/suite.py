"""The official SDK's endpoint tests: fetched, put beside our fixtures, and run."""

import asyncio
import os
import re
import shutil
import subprocess
import tarfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

from benchmarks import _peer

HERE = Path(__file__).parent
LOCK = HERE.parent / "constraints.txt"
TOOLS = ("pytest", "pytest-asyncio", "pytest-timeout")

SETTINGS = """\
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
filterwarnings = error
timeout = 60
"""

_MESSAGE = re.compile(r""", match=r"Expected a non-empty value for `\w+` but received ''\"""")
_KIND = re.compile(r"test_(method|raw_response|path_params|streaming_response)_")
_FAILED = {"failure", "error", "skipped"}


class SuiteError(Exception):
    """The tests cannot be run."""


def official_interpreter() -> Path:
    """Return the Python of the official SDK's environment, in which pytest is installed."""
    python = _peer.interpreter()
    subprocess.run([python, "-m", "pip", "install", "-qq", "--constraint", LOCK, *TOOLS], check=True)
    return python


def download(folder: Path) -> Path:
    """Fetch the source distribution of the official SDK, and return the folder with its contents."""
    options = ("--no-deps", "--no-binary", "lightfield", "--dest", folder)
    subprocess.run([_peer.interpreter(), "-m", "pip", "download", "-qq", *options, _peer.REQUIREMENT], check=True)
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as sdist:
        sdist.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def lay_out(source: Path, folder: Path, *, ours: bool) -> None:
    """Put the official tests beside our fixtures; for our package, with our check of types.

    For our package one thing is changed in the tests: ``pytest.raises(ValueError, match="Expected a non-empty value
    ...")`` loses its ``match``, because the texts of our errors are our own. That it is a ``ValueError`` stays checked.
    """
    theirs, tests = source / "tests", folder / "tests"
    shutil.copytree(theirs / "api_resources", tests / "api_resources")
    (folder / "pytest.ini").write_text(SETTINGS, "utf-8")
    (tests / "__init__.py").touch()
    shutil.copy(HERE / "fixtures.py", tests / "conftest.py")
    shutil.copy(HERE / "matching.py" if ours else theirs / "utils.py", tests / "utils.py")
    if ours:
        for file in (tests / "api_resources").glob("test_*.py"):
            file.write_text(_MESSAGE.sub("", file.read_text("utf-8")), "utf-8")


async def run(python: Path, folder: Path, url: str, *options: str) -> Counter[str]:
    """Run the tests in a process of their own, and count those that passed, by kind.

    Raises:
        SuiteError: pytest gave up.
    """
    report = folder / "report.xml"
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *options]
    # None of the caller's variables, such as a proxy or the key, are passed on.
    environment = {"PATH": os.environ["PATH"], "TEST_API_BASE_URL": url}
    process = await asyncio.create_subprocess_exec(*command, "tests/api_resources", cwd=folder, env=environment)
    if await process.wait() not in {0, 1}:
        raise SuiteError(f"pytest stopped with exit code {process.returncode}.")
    return passed(report)


def passed(report: Path) -> Counter[str]:
    """Count the tests that passed, by kind, in a JUnit report."""
    cases = ET.parse(report).iter("testcase")
    names = (case.attrib["name"] for case in cases if not _FAILED & {child.tag for child in case})
    return Counter(kind[1] for kind in map(_KIND.match, names) if kind is not None)
