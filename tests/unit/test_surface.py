"""Is the public surface what it says, light to import, and short on the way to the wire?"""

import ast
import importlib
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent
from types import FrameType, ModuleType

import pytest

import lightfield
from lightfield import AsyncLightfield, LightfieldError, RateLimits, errors
from lightfield.testing import Sandbox

PACKAGE = Path(lightfield.__file__).parent
CALLS_OF_A_REQUEST = 21
ROOMS_OF_A_REQUEST = 6
HEAVY = {"aiohttp", "msgspec", "tenacity", "asyncio", "rich", "multidict", "yarl", "email", "logging", "ssl"}


def module(name: str) -> ModuleType:
    return importlib.import_module(name)


@pytest.mark.parametrize(
    "name", ["lightfield", "lightfield.models", "lightfield.models.write", "lightfield.types", "lightfield.testing"]
)
def test_what_a_module_exports_is_unique_importable_and_not_private(name: str) -> None:
    exported: list[str] = module(name).__all__
    assert len(exported) == len(set(exported))
    assert [found for found in exported if not hasattr(module(name), found) or found.startswith("_")] == []


def test_type_checkers_and_the_interpreter_see_the_same_names() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    for_checkers = {alias.asname or alias.name: node.module for node in imports for alias in node.names}
    assert sorted(name for name, home in for_checkers.items() if home) == sorted(lightfield.__all__)
    for name, home in for_checkers.items():
        there = getattr(module(f"lightfield.{home}"), name) if home else module(f"lightfield.{name}")
        assert getattr(lightfield, name) is there


def test_every_error_is_exported() -> None:
    tree = {
        name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, LightfieldError)
    }
    assert tree <= set(lightfield.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'lightfield' has no attribute 'Lightfeld'"):
        getattr(lightfield, "Lightfeld")  # noqa: B009


def test_dir_lists_what_is_exported() -> None:
    assert set(lightfield.__all__) <= set(dir(lightfield))


@pytest.mark.parametrize("name", ["errors", "models", "types"])
def test_a_module_is_loaded_when_its_name_is_used(name: str) -> None:
    code = f"""
        import sys, lightfield
        listed, before = {name!r} in dir(lightfield), "lightfield.{name}" in sys.modules
        print(listed, before, lightfield.{name} is sys.modules["lightfield.{name}"])
    """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.split() == ["True", "False", "True"]


def test_importing_all_names_hides_no_module_of_the_standard_library() -> None:
    assert set(lightfield.__all__) & sys.stdlib_module_names == set()


def test_the_version_is_that_of_the_distribution() -> None:
    assert lightfield.__version__ == version("lightfield-async")


def fresh(code: str) -> set[str]:
    """Run code in a new interpreter and name the modules it has loaded, without their submodules."""
    program = f"import sys; before = set(sys.modules)\n{code}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "code", ["import lightfield", "import lightfield; dir(lightfield)", "from lightfield import errors"]
)
def test_importing_the_package_loads_nothing_heavy(code: str) -> None:
    assert fresh(code) & HEAVY == set()


@pytest.mark.parametrize("code", ["from lightfield import *", "from lightfield import Lightfield, AsyncLightfield"])
def test_without_a_client_neither_http_nor_retries_are_loaded(code: str) -> None:
    assert fresh(code) & {"aiohttp", "tenacity", "rich"} == set()


@pytest.fixture
async def client() -> AsyncIterator[AsyncLightfield]:
    limits = RateLimits(read=10_000.0, write=10_000.0, search=10_000.0)
    async with (
        Sandbox(opportunities=1, rate_limit=None) as sandbox,
        AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=limits) as client,
    ):
        for _ in range(3):
            await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        yield client


async def test_a_request_takes_few_calls_in_few_rooms(client: AsyncLightfield) -> None:
    id = Sandbox(opportunities=1).opportunity_ids[0]
    frames: set[FrameType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        home = Path(frame.f_code.co_filename)
        if event == "call" and home.is_relative_to(PACKAGE) and not home.is_relative_to(PACKAGE / "testing"):
            frames.add(frame)  # a coroutine that goes on is the same frame

    sys.setprofile(note)
    try:
        await client.opportunity.retrieve(id)
    finally:
        sys.setprofile(None)
    calls = [f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_qualname}" for frame in frames]
    assert 0 < len(calls) <= CALLS_OF_A_REQUEST, calls
    assert len({Path(frame.f_code.co_filename).parent for frame in frames}) <= ROOMS_OF_A_REQUEST, calls
