"""What is checked, session by session: ``nox`` runs all of them, ``nox -s tests`` one."""

import re
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2024.10"
nox.options.sessions = ["lint", "types", "tests", "package", "docs"]
nox.options.error_on_missing_interpreters = False


@nox.session
def lint(session: nox.Session) -> None:
    """Rules and format."""
    session.install("ruff>=0.13")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Both checkers, strict, and the completeness of the public types."""
    session.install("--editable", ".[dev]")
    session.run("pyright")
    session.run("mypy")
    session.run("pyright", "--verifytypes", "lightfield", "--ignoreexternal")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, which must take every branch."""
    session.install("--editable", ".[dev]")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def lowest(session: nox.Session) -> None:
    """The tests of everything on the wire, with the oldest libraries that are allowed."""
    session.install("--editable", ".[dev]", "aiohttp==3.13.4", "msgspec==0.20.0", "tenacity==9.0.0")
    session.run("pytest", "tests/client", "tests/faults", "tests/secrets", "tests/cancelling", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change pacing and retrying in every small way: a test fails, or ``tests/mutation.md`` says why none can."""
    session.install("--editable", ".[dev]", "mutmut>=3.8,<4")
    shutil.rmtree("mutants", ignore_errors=True)
    session.run("mutmut", "run", *session.posargs)
    explained = Path("tests/mutation.md").read_text("utf-8").replace(r"\|", "|")
    results = str(session.run("mutmut", "results", silent=True))
    unexplained: list[str] = []
    for name in re.findall(r"(\S+): (?:survived|no tests|suspicious)", results):
        change = str(session.run("mutmut", "show", name, silent=True, log=False))
        lines = re.findall(r"^\+(?!\+\+) *(.*)", change, re.MULTILINE)
        unexplained += [change] * any(f"`{line}`" not in explained for line in lines)
    if unexplained:
        session.error("\n".join(["These changes make no test fail, and are not explained:", *unexplained]))


@nox.session
def package(session: nox.Session) -> None:
    """Build, check, and import the wheel rather than the checkout."""
    dist = Path(session.create_tmp()) / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.install("build", "twine")
    session.run("python", "-m", "build", "--outdir", str(dist))
    files = [str(file) for file in dist.iterdir()]
    session.run("twine", "check", "--strict", *files)
    session.install("--force-reinstall", *(file for file in files if file.endswith(".whl")))
    session.chdir(session.create_tmp())
    session.run(
        "python",
        "-c",
        "import lightfield, pathlib; home = pathlib.Path(lightfield.__file__);"
        "assert 'site-packages' in home.parts, home;"
        "assert (home.parent / 'py.typed').exists();"
        "lightfield.Lightfield(api_key='k').close()",
    )
    session.run("python", "-m", "lightfield", "demo", "--opportunities", "5")


@nox.session
def docs(session: nox.Session) -> None:
    """Every snippet and every link of README and docs."""
    session.install("--editable", ".[dev]")
    session.run("pytest", "tests/docs")


@nox.session
def bench(session: nox.Session) -> None:
    """Against the official SDK and a plain aiohttp session, as ratios."""
    session.install("--editable", ".")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """A million requests, one answer in twenty spoilt: nothing is held and no memory taken at the end."""
    session.install("--editable", ".")
    session.run("python", "-W", "error", "-m", "tests.soak.run", *session.posargs)


@nox.session
def writes(session: nox.Session) -> None:
    """100,000 writes over a connection that breaks: is each done at most once, and its end told truly?"""
    session.install("--editable", ".[dev]")
    session.run("python", "-m", "tests.writes.run", *session.posargs)
