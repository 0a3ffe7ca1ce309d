"""The pytest plugin, in pytest processes of its own that treat every warning as an error."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

PATIENCE = 50.0
QUIET = ["-W", "error", "-m", "pytest", "-W", "error", "-p", "no:cacheprovider", "--strict-markers"]
ASYNCIO = ["-p", "pytest_asyncio.plugin", "-o", "asyncio_default_fixture_loop_scope=function"]

CONFTEST = """
    import atexit
    import logging
    import sys

    handler = logging.Handler()
    handler.emit = lambda record: atexit.register(print, record.getMessage(), file=sys.stderr)
    logging.getLogger("asyncio").addHandler(handler)  # a loop that ends logs what fails then
"""

TESTS = """
    import asyncio

    def test_a_record_is_there(lightfield_sandbox, lightfield_client):
        (id,) = lightfield_sandbox.opportunity_ids[:1]
        assert lightfield_client.opportunity.retrieve(id).id == id

    def test_a_record_is_there_without_a_loop(lightfield_sandbox, async_lightfield_client):
        async def retrieve():
            return await async_lightfield_client.opportunity.retrieve(lightfield_sandbox.opportunity_ids[0])

        assert asyncio.run(retrieve()).id == lightfield_sandbox.opportunity_ids[0]

    def test_a_client_may_go_unused(lightfield_client, async_lightfield_client):
        pass
"""

AWAITED = """
    import gc
    import {module} as plugin
    import pytest

    pytestmark = [{mark}]

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    async def test_a_record_is_there(lightfield_sandbox, async_lightfield_client):
        (id,) = lightfield_sandbox.opportunity_ids[:1]
        assert (await async_lightfield_client.opportunity.retrieve(id)).id == id

    async def test_a_listing_is_left_early(async_lightfield_client):
        async for record in async_lightfield_client.opportunity.list_all():
            assert record.id
            break

    @plugin.fixture
    async def account(async_lightfield_client):
        account = await async_lightfield_client.account.create(fields={{"$name": "Acme"}})
        yield account
        await async_lightfield_client.account.delete(account.id)

    async def test_a_fixture_uses_the_client(account, lightfield_sandbox):
        assert account.id in lightfield_sandbox.ids("accounts")

    async def test_nothing_is_left():
        gc.collect()
"""

MARKED = """
    import pytest

    pytestmark = pytest.mark.lightfield_sandbox(opportunities=3, seed=7)

    def test_of_the_module(lightfield_sandbox):
        assert len(lightfield_sandbox.opportunity_ids) == 3

    @pytest.mark.lightfield_sandbox(opportunities=2, api_key="sk_mine")
    class TestOfTheClass:
        def test_of_the_class(self, lightfield_sandbox, lightfield_client):
            assert len(lightfield_sandbox.opportunity_ids) == 2
            assert lightfield_sandbox.api_key == "sk_mine"
            assert lightfield_client.opportunity.retrieve(lightfield_sandbox.opportunity_ids[0]).id

        @pytest.mark.lightfield_sandbox(opportunities=1, rate_limit=5)
        def test_of_its_own(self, lightfield_sandbox, lightfield_client):
            assert len(lightfield_sandbox.opportunity_ids) == 1
            assert lightfield_sandbox.api_key == "sk_mine"
            assert lightfield_client.rate_limits["Read"].limit == 25

    def test_of_the_defaults(lightfield_client):
        assert lightfield_client.rate_limits["Read"].limit is None
"""

SHARED = """
    import pytest
    from lightfield.testing import Sandbox

    @pytest.fixture(scope="module")
    def lightfield_sandbox():
        with Sandbox(opportunities=1) as sandbox:
            yield sandbox

    earlier = []

    @pytest.mark.parametrize("number", range(2))
    def test_each_has_clients_of_its_own(lightfield_sandbox, lightfield_client, async_lightfield_client, number):
        assert [client.is_closed() for client in earlier] == [True, True] * number
        assert lightfield_client.account.create(fields={"$name": "Acme"}).id
        earlier.extend([lightfield_client, async_lightfield_client])

    def test_the_sandbox_is_that_of_the_module(lightfield_sandbox):
        names = [account["fields"]["$name"]["value"] for account in lightfield_sandbox.records("accounts").values()]
        assert names.count("Acme") == 2
"""

ONE_LOOP = """
    import pytest

    pytestmark = pytest.mark.asyncio(loop_scope="module")
    earlier = []

    @pytest.mark.parametrize("number", range(2))
    async def test_the_client_is_closed_before_the_loop(lightfield_sandbox, async_lightfield_client, number):
        assert [client.is_closed() for client in earlier] == [True] * number
        await async_lightfield_client.opportunity.retrieve(lightfield_sandbox.opportunity_ids[0])
        earlier.append(async_lightfield_client)
"""

LIGHT = """
    import sys

    def test_neither_a_client_nor_the_sandbox_is_loaded_yet():
        assert not {"aiohttp", "asyncio", "msgspec", "lightfield._client", "lightfield.testing"} & {*sys.modules}
"""

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest on a file, with only the plugins that are named, and give what it printed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in [name for name in os.environ if name.startswith(("PYTEST_XDIST", "PYTEST_ADDOPTS"))]:
        monkeypatch.delenv(name)

    def run(source: str, *arguments: str, ends: int = 0, by: tuple[str, ...] = ("-p", "lightfield")) -> str:
        (tmp_path / "conftest.py").write_text(dedent(CONFTEST), "utf-8")
        (tmp_path / "test_it.py").write_text(dedent(source), "utf-8")
        command = [sys.executable, *QUIET, *by, *arguments, "test_it.py"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert (done.returncode, done.stderr) == (ends, ""), done.stdout + done.stderr
        return done.stdout

    return run


def passed(output: str) -> int:
    (count,) = re.findall(r"\b(\d+) passed\b", output)
    return int(count)


def test_the_fixtures_work_without_any_other_plugin(run: Run) -> None:
    assert passed(run(TESTS)) == 3


def test_the_plugin_is_found_by_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    assert passed(run(TESTS, *ASYNCIO[2:], by=())) == 3
    output = run(TESTS, *ASYNCIO[2:], "-p", "no:lightfield", by=(), ends=1)
    assert "fixture 'lightfield_client' not found" in output


@pytest.mark.parametrize(
    ("mode", "mark", "module"), [("strict", "pytest.mark.asyncio", "pytest_asyncio"), ("auto", "", "pytest")]
)
def test_it_works_with_pytest_asyncio(run: Run, mode: str, mark: str, module: str) -> None:
    assert passed(run(AWAITED.format(mark=mark, module=module), *ASYNCIO, f"--asyncio-mode={mode}")) == 4


def test_it_works_with_the_plugin_of_anyio(run: Run) -> None:
    source = AWAITED.format(mark="pytest.mark.anyio", module="pytest")
    assert passed(run(source, "-p", "anyio.pytest_plugin")) == 4


def test_it_works_in_parallel(run: Run) -> None:
    source = TESTS + TESTS.replace("def test_", "def test_again_")
    assert passed(run(source, "-p", "xdist.plugin", "-n", "2")) == 6


def test_a_client_is_closed_before_a_loop_that_many_tests_share(run: Run) -> None:
    assert passed(run(ONE_LOOP, *ASYNCIO)) == 2


def test_the_marker_sets_options_and_the_closest_wins(run: Run) -> None:
    assert passed(run(MARKED)) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "opportunites=3",
            "@pytest.mark.lightfield_sandbox: there is no option 'opportunites'; did you mean opportunities or port?",
        ),
        ("opportunities='x'", "@pytest.mark.lightfield_sandbox: opportunities must be an int, not str"),
        ("rate_limit=0", "@pytest.mark.lightfield_sandbox: rate_limit must be at least 1"),
        ("3", "@pytest.mark.lightfield_sandbox: options are given by name, such as opportunities=3, not 3"),
    ],
)
def test_a_marker_with_a_mistake_is_an_error_in_one_line(run: Run, arguments: str, said: str) -> None:
    source = f"""
    import pytest

    @pytest.mark.lightfield_sandbox({arguments})
    def test_it(lightfield_client):
        pass
    """
    output = run(source, ends=1)
    (error,) = re.findall(r"^_+ ERROR at setup of test_it _+\n(.*?)^=", output, re.DOTALL | re.MULTILINE)
    assert error.startswith(said)
    assert error.count("\n") == 1


def test_tests_may_share_a_sandbox(run: Run) -> None:
    assert passed(run(SHARED)) == 3


def test_the_fixtures_and_the_marker_are_explained(run: Run) -> None:
    fixtures = run("", "--fixtures")
    for name in ("lightfield_sandbox", "lightfield_client", "async_lightfield_client"):
        assert re.search(rf"^{name} -- .*\n    \S", fixtures, re.MULTILINE)
    assert "@pytest.mark.lightfield_sandbox(**options): " in run("", "--markers")


def test_nothing_is_loaded_until_a_fixture_is_used(run: Run) -> None:
    assert passed(run(LIGHT)) == 1


def test_a_program_that_has_imported_the_package_may_run_pytest(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(dedent(TESTS), "utf-8")
    program = f"import lightfield, pytest, sys; sys.exit(pytest.main({[*QUIET[4:], *ASYNCIO[2:]]}))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stdout
