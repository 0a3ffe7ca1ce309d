"""Imports between the rooms of the package run downward only, in the order that docs/internals.md shows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import lightfield

PACKAGE = Path(lightfield.__file__).parent
PAGE = (Path(__file__).parents[2] / "docs/internals.md").read_text("utf-8")


def floors(table: str) -> dict[str, int]:
    """Read the rooms of a table, from the top: those in one row are on one floor."""
    rows = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    return {room: number for number, row in enumerate(rows) for room in re.findall(r"`([\w.]+)`", row)}


HOUSE, SANDBOX = map(floors, PAGE.partition("## Rooms")[2].split("The sandbox has rooms of its own"))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


MODULES = {module_name(path): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(module: str, rooms: dict[str, int]) -> str | None:
    """Find the room of a module: the longest name in the table that it begins with."""
    parts = module.split(".")
    return next((name for length in range(len(parts), 0, -1) if (name := ".".join(parts[:length])) in rooms), None)


def imported(module: str) -> Iterator[str]:
    """Name the modules of the package that a module imports, also inside functions and for type checkers only."""
    parents = module.split(".")[:-1]
    for node in ast.walk(MODULES[module]):
        if not isinstance(node, ast.ImportFrom):
            continue
        home = (node.module or "").split(".") if node.module else []
        if node.level:
            home = [*parents[: len(parents) + 1 - node.level], *home]
        elif home[:1] == ["lightfield"]:
            home = home[1:]
        else:
            continue
        for name in node.names:
            names = [[*home, name.name], [*home, name.name, "__init__"], home, [*home, "__init__"]]
            yield next(found for candidate in names if (found := ".".join(candidate)) in MODULES)


IMPORTS = {module: set(imported(module)) - {module} for module in MODULES}


def circles(imports: dict[str, set[str]]) -> set[str]:
    """Name the modules that are left when those that import nothing that is left are taken away, again and again."""
    left = dict(imports)
    while free := [module for module, needed in left.items() if not needed & left.keys()]:
        for module in free:
            del left[module]
    return set(left)


def upward(rooms: dict[str, int]) -> set[str]:
    """Name the imports from a room that is above the importing one, or beside it."""
    found: set[str] = set()
    for module, needs in IMPORTS.items():
        for needed in needs:
            room, other = room_of(module, rooms), room_of(needed, rooms)
            if room and other and room != other and rooms[room] >= rooms[other]:
                found.add(f"{module} imports {needed}")
    return found


def test_every_module_is_in_a_room_and_every_room_has_modules() -> None:
    assert {room_of(module, HOUSE) for module in MODULES} == HOUSE.keys()
    assert {room_of(module, SANDBOX) for module in MODULES if module.startswith("testing.")} == SANDBOX.keys()


def test_imports_run_downward_only() -> None:
    assert upward(HOUSE) == set()
    assert upward(SANDBOX) == set()


def test_the_sandbox_imports_hardly_anything_else() -> None:
    others = {
        (module, needed)
        for module, needs in IMPORTS.items()
        if module.startswith("testing.")
        for needed in needs
        if not needed.startswith(("testing.", "_aio.", "models.", "_protocol.misfit"))
    }
    assert others == {("testing._clients", "__init__"), ("testing._clients", "_config.options")}


def test_no_modules_import_each_other() -> None:
    assert circles(IMPORTS) == set()


def test_the_search_for_circles_finds_them() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == {"a", "b", "c"}
