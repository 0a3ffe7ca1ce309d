"""Options of selects: finding them by id or label."""

from .definitions import FieldDefinition, Option


def options(definition: FieldDefinition | None) -> list[Option]:
    """Return the options of a select."""
    return definition["typeConfiguration"].get("options", []) if definition else []


def matching(definition: FieldDefinition, text: str) -> list[Option]:
    """Return the options that have an id, or else a label, regardless of its case and the width of its white space.

    The literal codes of the API, whose label is the code itself, are matched exactly.
    """
    known = options(definition)
    for option in known:
        if option["id"] == text:
            return [option]
    wanted = fold(text)
    return [option for option in known if option["label"] != option["id"] and fold(option["label"]) == wanted]


def fold(label: str) -> str:
    """Return a label for comparison with others."""
    return " ".join(label.split()).casefold()
