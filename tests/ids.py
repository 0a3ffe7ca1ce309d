"""Names of parameters that are the same in every process, so that tests can be shared out among several."""

import re


def lasting(value: object) -> str:
    """Show a value without its address."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
