"""Telephone numbers: normalization to E.164.

A number that begins with ``+`` must be in E.164 already. Any other is read as a US number, or else as a local one of
7 to 15 digits, which has no country code and keeps only its digits. An extension is written ``;ext=100``.
"""

import re

_EXTENSION = re.compile(r"\s*(?:;\s*ext=|ext[:.]?|x|#)\s*(\d{1,10})\Z", re.ASCII | re.IGNORECASE)
_INTERNATIONAL = re.compile(r"\+[1-9]\d{6,14}\Z", re.ASCII)
_UNITED_STATES = re.compile(r"1?([2-9]\d{2}[2-9]\d{6})\Z", re.ASCII)
_LOCAL = re.compile(r"\d{7,15}\Z", re.ASCII)
_SEPARATORS = str.maketrans("", "", " -./()")


def telephone(text: str) -> str:
    """Normalize a telephone number.

    Raises:
        ValueError: It is not a telephone number.
    """
    number, extension = text.strip(), ""
    if found := _EXTENSION.search(number):
        number, extension = number[: found.start()], f";ext={found[1]}"
    return _normalized(number, text) + extension


def _normalized(number: str, text: str) -> str:
    if number.startswith("+"):
        if not _INTERNATIONAL.match(number):
            raise ValueError(f"{text!r} begins with '+' but is not in E.164: 7 to 15 digits and nothing else")
        return number
    digits = number.translate(_SEPARATORS)
    if found := _UNITED_STATES.match(digits):
        return f"+1{found[1]}"
    if not _LOCAL.match(digits):
        raise ValueError(f"{text!r} is not a telephone number")
    return digits
