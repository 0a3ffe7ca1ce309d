"""Does the package keep to the numbers of its architecture? Nothing here runs the code it measures."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lightfield

PACKAGE = Path(lightfield.__file__).parent
FILES = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(text, name) for name, text in FILES.items()}

LINES_OF_A_FILE = 250
LINES_OF_A_FUNCTION = 30
PARAMETERS = 7
OPERATIONS = 112
LINES_OF_AN_OPERATION = 14
NESTING = 3
CLONE_WINDOW = 6
CLONE_SHARE = 0.05
EMPTY_WORDS = {"utils", "util", "base", "common", "helpers", "helper", "misc"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


def functions(name: str) -> Iterator[Function]:
    return (node for node in ast.walk(TREES[name]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def where(function: Function) -> str:
    return f"{function.name}, line {function.lineno}"


def parameters(function: Function) -> int:
    """Count them without ``**options``, which are many in any case, and described by a type of their own."""
    taken = function.args
    named = [*taken.posonlyargs, *taken.args]
    own = [argument for argument in named if argument.arg not in {"self", "cls"}]
    return len(own) + len(taken.kwonlyargs) + (taken.vararg is not None)


def nesting(node: ast.AST, depth: int = 0) -> int:
    """Count how deep blocks stand within blocks; an ``elif`` is on the level of its ``if``."""
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            is_elif = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
            deepest = max(deepest, nesting(child, depth + (isinstance(child, BLOCKS) and not is_elif)))
    return deepest


def normalised(line: str) -> str:
    return re.sub(r"\b(async|await) |Async", "", line.strip())


def mentions(name: str, module: str) -> bool:
    """Whether code that runs names a module: in an import outside of TYPE_CHECKING, as a name, or as a whole string."""
    tree = ast.parse(FILES[name])
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            named = [f"{node.module or ''}"] + [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Name):
            named = [node.id]
        elif isinstance(node, ast.Attribute):
            named = [ast.unparse(node)]
        else:
            named = [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
        if any(found == module or found.startswith(f"{module}.") for found in named):
            return True
    return False


def beyond(most: int, measure: Callable[[Function], int]) -> list[str]:
    """Name the functions of which there is too much."""
    measured = ((name, found, measure(found)) for name in FILES for found in functions(name))
    return [f"{name}, {where(found)}: {much}" for name, found, much in measured if much > most]


def test_no_file_is_too_long() -> None:
    lengths = {name: len(text.splitlines()) for name, text in FILES.items()}
    assert {name: lines for name, lines in lengths.items() if lines > LINES_OF_A_FILE} == {}


def test_no_function_is_too_long() -> None:
    assert beyond(LINES_OF_A_FUNCTION, lambda found: (found.end_lineno or 0) - found.lineno + 1) == []


def test_no_function_takes_too_many_parameters() -> None:
    assert beyond(PARAMETERS, parameters) == []


def test_no_function_is_nested_too_deep() -> None:
    assert beyond(NESTING, nesting) == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    words = {name: {part.strip("_") for part in name.removesuffix(".py").split("/")} for name in FILES}
    assert [name for name, parts in words.items() if parts & EMPTY_WORDS] == []


def test_hardly_any_line_is_a_copy() -> None:
    seen: set[tuple[str, ...]] = set()
    copied: list[str] = []
    total = 0
    for name, text in FILES.items():
        lines = [(number, normalised(line)) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        total += len(lines)
        marked: set[int] = set()
        for start in range(len(lines) - CLONE_WINDOW + 1):
            window = tuple(line for _, line in lines[start : start + CLONE_WINDOW])
            if window in seen:
                marked.update(number for number, _ in lines[start : start + CLONE_WINDOW])
            seen.add(window)
        copied += [f"{name}:{number}" for number in sorted(marked)]
    assert len(copied) / total <= CLONE_SHARE, copied


def test_an_operation_takes_few_lines() -> None:
    files = {name: text for name, text in FILES.items() if name.startswith("resources/")}
    del files["resources/__init__.py"]  # the index
    lines = sum(len(text.splitlines()) for text in files.values())
    resources = (cls for name in TREES if name.startswith("resources/") for cls in ast.walk(TREES[name]))
    described = [
        item
        for cls in resources
        if isinstance(cls, ast.ClassDef)
        for item in cls.body
        if isinstance(item, ast.FunctionDef) and [ast.unparse(found) for found in item.decorator_list] == ["operation"]
    ]
    assert len(described) < OPERATIONS  # shared ones are written once
    assert lines / OPERATIONS <= LINES_OF_AN_OPERATION


@pytest.mark.parametrize(
    ("module", "homes"),
    [
        ("aiohttp", {"_http/connector.py", "_http/session.py", "_http/faults.py"}),
        ("tenacity", {"_retry/policy.py"}),
        ("redis", {"integrations/redis.py"}),
        ("os.environ", {"_config/config.py"}),
        ("os.getenv", {"_config/config.py"}),
    ],
)
def test_each_of_these_is_known_to_one_module_only(module: str, homes: set[str]) -> None:
    knowing = {name for name in FILES if mentions(name, module) and not name.startswith("testing/")}
    assert knowing <= homes


def test_the_measures_measure() -> None:
    """Show that each of them can fail."""
    source = "def f(self, a, /, b, *c, d, **e):\n if a:\n  pass\n elif b:\n  for x in c:\n   with d:\n    pass\n"
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert (parameters(function), nesting(function)) == (4, 3)
    assert normalised("    async with AsyncThing() as x: await y()") == normalised("with Thing() as x: y()")
    assert len(beyond(0, parameters)) > len(beyond(PARAMETERS - 1, parameters)) > 0
    assert mentions("_http/session.py", "aiohttp")
    assert mentions("_config/config.py", "os.environ")
    assert mentions("_retry/policy.py", "tenacity")
    assert not mentions("errors.py", "aiohttp")
