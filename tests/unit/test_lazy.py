"""What is loaded when: each in a new interpreter, which names what it has loaded."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any, get_type_hints

import pytest

import lightfield
from lightfield import models, resources
from lightfield._client.catalog import Catalog
from lightfield._client.plan import Plan
from lightfield.models import records

PACKAGE = Path(lightfield.__file__).parent
CLASSES = "import lightfield; lightfield.Lightfield; lightfield.AsyncLightfield"
MADE = "import lightfield; client = lightfield.Lightfield(api_key='k'); lightfield.AsyncLightfield(api_key='k')"
HTTP = {"aiohttp", "yarl", "multidict", "attr"}
RESOURCES = {path.stem for path in (PACKAGE / "resources").glob("[!_]*.py")}


def loaded(code: str, *arguments: str) -> set[str]:
    """Run code in a new interpreter and name the modules it has loaded."""
    program = f"import sys; before = set(sys.modules)\n{dedent(code)}\nprint(*(set(sys.modules) - before))"
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return set(done.stdout.splitlines()[-1].split())


def below(package: str, modules: set[str]) -> set[str]:
    """Name the public modules of a package among others."""
    prefix = f"lightfield.{package}."
    return {name.removeprefix(prefix) for name in modules if name.startswith(prefix) and "._" not in name}


@pytest.mark.parametrize("code", [CLASSES, MADE, f"{MADE}; dir(lightfield.models); dir(lightfield.resources)"])
def test_clients_without_a_loop_load_neither_http_nor_retries_nor_documents(code: str) -> None:
    modules = loaded(code)
    assert modules & {*HTTP, "tenacity", "importlib.metadata", "email.utils"} == set()
    assert below("resources", modules) == set()
    assert below("models", modules) == {"document"}


@pytest.mark.parametrize("use", ["client.opportunity", "client.plan.opportunity.retrieve('opp_1')"])
def test_a_resource_is_loaded_with_its_documents_when_it_is_first_used(use: str) -> None:
    modules = loaded(f"{MADE}; {use}")
    assert modules & {*HTTP, "tenacity"} == set()
    assert below("resources", modules) == {"opportunities"}
    found = below("models", modules)
    assert {"records", "value", "write"} <= found
    assert found & {"outreach", "run", "file", "merge"} == set()


def test_a_document_is_loaded_without_the_others() -> None:
    found = below("models", loaded("from lightfield.models import Opportunity"))
    assert "records" in found
    assert found & {"sequence", "outreach", "sender", "run", "merge"} == set()


@pytest.mark.parametrize(
    "code",
    [
        "async def main(): AsyncLightfield(api_key='k')",
        "async def main(): Lightfield(api_key='k')",
        """
        client = AsyncLightfield(api_key="k")
        assert "aiohttp" not in sys.modules
        async def main():
            async with client: pass
        """,
    ],
)
def test_a_client_where_a_loop_runs_loads_what_its_calls_need(code: str) -> None:
    start = "import asyncio\nfrom lightfield import AsyncLightfield, Lightfield\n"
    assert {"aiohttp", "tenacity"} <= loaded(f"{start}{dedent(code)}\nasyncio.run(main())")


WHERE = """
import sys, threading
from lightfield import APIConnectionError, Lightfield

class Finder:
    def find_spec(self, name, *_):
        if name == "aiohttp":
            print(threading.current_thread() is threading.main_thread())

sys.meta_path.insert(0, Finder())
try:
    Lightfield(api_key="k", base_url="http://127.0.0.1:9", max_retries=0).opportunity.retrieve("opp_1")
except APIConnectionError:
    print("called")
"""


def test_a_blocking_client_loads_nothing_heavy_on_its_loop() -> None:
    """The debug mode of asyncio logs whatever blocks a loop for 0.1 seconds."""
    done = subprocess.run([sys.executable, "-c", WHERE], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.split() == ["True", "called"]


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_command_line_loads_little_to_tell_of_itself(option: str) -> None:
    code = """
        from contextlib import suppress
        from lightfield.cli import main
        with suppress(SystemExit):
            main(sys.argv[1:])
    """
    heavy = {"asyncio", "msgspec", "lightfield.models", "lightfield.testing", "lightfield._client", *HTTP}
    assert loaded(code, option) & heavy == set()


@pytest.mark.parametrize("package", [models, resources])
def test_type_checkers_and_the_interpreter_see_the_same_names(package: Any) -> None:
    tree = ast.parse(Path(package.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    for_checkers = {alias.name: node.module for node in imports for alias in node.names}
    assert sorted(for_checkers) == package.__all__
    assert for_checkers.keys() <= set(dir(package))
    for name, home in for_checkers.items():
        assert getattr(package, name) is getattr(importlib.import_module(f"{package.__name__}.{home}"), name)


@pytest.mark.parametrize("package", ["models", "resources"])
def test_a_name_that_is_not_there_is_an_attribute_error(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'lightfield.{package}' has no attribute 'Opportunitys'"):
        getattr(getattr(lightfield, package), "Opportunitys")  # noqa: B009


def test_all_names_can_be_imported_at_once() -> None:
    code = "from lightfield.models import *; from lightfield.resources import *; Opportunity, WorkflowRuns"
    modules = loaded(code)
    assert below("resources", modules) == RESOURCES
    assert {"records", "sequence", "outreach"} <= below("models", modules)


def test_a_module_of_documents_is_an_attribute_of_the_package() -> None:
    code = "from lightfield import models; assert models.records.Opportunity is models.Opportunity"
    assert "records" in below("models", loaded(code))
    assert models.records is records  # pyright: ignore[reportAttributeAccessIssue]


def test_the_types_of_resources_can_be_asked_for() -> None:
    for name in dir(Plan()):
        accessor = vars(Catalog).get(name)
        if accessor is not None and hasattr(accessor, "func"):
            assert get_type_hints(accessor.func)["return"].__origin__ is type(getattr(Plan(), name))
