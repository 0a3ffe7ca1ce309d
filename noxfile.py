"""What is checked, session by session: ``nox`` runs all of them, ``nox -s tests`` one."""

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
    """All tests, with coverage."""
    session.install("--editable", ".[dev]")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "report")


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
