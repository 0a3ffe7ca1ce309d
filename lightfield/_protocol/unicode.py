"""Text that cannot be sent, because it is not valid Unicode."""

import re

from lightfield.errors import LightfieldValueError

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def check_unicode(name: str, value: object) -> None:
    """Check a parameter that may be a string.

    Raises:
        LightfieldValueError: It contains a lone surrogate.
    """
    if isinstance(value, str) and LONE_SURROGATE.search(value):
        raise LightfieldValueError(f"{name} is not valid Unicode: it contains a lone surrogate.")
