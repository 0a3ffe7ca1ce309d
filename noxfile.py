"""What is checked, session by session: ``nox`` runs all of them, ``nox -s tests`` one."""

import re
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2024.10"
nox.options.sessions = ["lint", "types", "tests", "uvloop", "package", "docs"]
nox.options.error_on_missing_interpreters = False

LOCK = Path("tests/constraints.txt")
"""The versions that tests and tools run with, on every Python and platform; who installs the package gets ranges."""

TOOLS = ("build>=1.2", "hatchling>=1.27", "mutmut>=3.8,<4", "twine>=6")
"""What sessions install besides the extra ``dev``."""

OLDEST = {"aiohttp": "3.13.4", "msgspec": "0.20.0", "tenacity": "9.0.0"}
"""The first releases that are allowed."""

THEIRS = {"aiohappyeyeballs", "aiosignal", "attrs", "frozenlist", "multidict", "propcache", "yarl"}
"""What these need, in versions that may be older than those of the lock."""


def install(session: nox.Session, *what: str, lock: Path = LOCK) -> None:
    """Install into a session, in the versions of the lock."""
    session.install("--constraint", str(lock), *what)


@nox.session
def lock(session: nox.Session) -> None:
    """Write the lock anew, with the newest versions: to be followed by ``tests``."""
    tools = Path(session.create_tmp()) / "tools.in"
    tools.write_text("\n".join(TOOLS), "utf-8")
    session.install("--upgrade", "uv")
    options = ("--universal", "--python-version", "3.11", "--upgrade", "--no-annotate", "--no-header", "--quiet")
    session.run("uv", "pip", "compile", *options, "--extra", "dev", "-o", str(LOCK), "pyproject.toml", str(tools))


@nox.session
def lint(session: nox.Session) -> None:
    """Rules and format."""
    install(session, "ruff")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Both checkers, strict, and the completeness of the public types."""
    install(session, "--editable", ".[dev]")
    session.run("pyright")
    session.run("mypy")
    session.run("pyright", "--verifytypes", "lightfield", "--ignoreexternal")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, which must take every branch."""
    install(session, "--editable", ".[dev]")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-n", "auto", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def uvloop(session: nox.Session) -> None:
    """The tests of blocking clients, which run on uvloop where it is installed."""
    install(session, "--editable", ".[dev]")
    session.env["LIGHTFIELD_UVLOOP"] = "1"
    paths = ("tests/client", "tests/lifecycle", "tests/cancelling", "tests/unit/aio")
    session.run("pytest", "-n", "auto", "-k", "not awaited", *(session.posargs or paths))


@nox.session
def lowest(session: nox.Session) -> None:
    """All tests, with the oldest libraries that are allowed and all else as locked."""
    older = Path(session.create_tmp()) / "constraints.txt"
    lines = LOCK.read_text("utf-8").splitlines()
    others = [line for line in lines if line.partition("==")[0] not in OLDEST.keys() | THEIRS]
    older.write_text("\n".join([*others, *(f"{name}=={version}" for name, version in OLDEST.items())]), "utf-8")
    install(session, "--editable", ".[dev]", lock=older)
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def newest(session: nox.Session) -> None:
    """All tests, without the lock: with the newest releases of everything."""
    session.install("--upgrade", "--upgrade-strategy", "eager", "--editable", ".[dev]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change pacing and retrying in every small way: a test fails, or ``tests/mutation.md`` says why none can."""
    install(session, "--editable", ".[dev]", "mutmut")
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
    install(session, "build", "twine")
    session.run("python", "-m", "build", "--outdir", str(dist))
    files = [str(file) for file in dist.iterdir()]
    session.run("twine", "check", "--strict", *files)
    install(session, "--force-reinstall", *(file for file in files if file.endswith(".whl")))
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
    install(session, "--editable", ".[dev]")
    session.run("pytest", "tests/docs")


@nox.session
def migrating(session: nox.Session) -> None:
    """The page on migrating with the official SDK too: the same snippets, and whatever the page says of both."""
    install(session, "--editable", ".[dev]")
    session.run("python", "-m", "tests.docs.migrating_with_both")


@nox.session
def bench(session: nox.Session) -> None:
    """Against the official SDK and a plain aiohttp session, as ratios."""
    install(session, "--editable", ".", "trustme", "uvloop; sys_platform != 'win32'")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """A million requests, one answer in twenty spoilt: nothing is held and no memory taken at the end."""
    install(session, "--editable", ".")
    session.run("python", "-W", "error", "-m", "tests.soak.run", *session.posargs)


@nox.session
def writes(session: nox.Session) -> None:
    """100,000 writes over a connection that breaks: is each done at most once, and its end told truly?"""
    install(session, "--editable", ".[dev]")
    session.run("python", "-m", "tests.writes.run", *session.posargs)


@nox.session
def official(session: nox.Session) -> None:
    """The official SDK's own endpoint tests, and its requests compared with ours: needs Node.js and the network."""
    install(session, "--editable", ".[dev]")
    session.create_tmp()  # where temporary files go from here on
    session.run("python", "-m", "tests.official.run", *session.posargs)
