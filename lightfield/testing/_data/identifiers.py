"""Ids that can be computed from a number, and the number from the id."""

from hashlib import blake2b

_BITS = 88
_MASK = (1 << _BITS) - 1
_HALF = _BITS // 2
_FACTORS = 0x9E3779B97F4A7C15F39CC1, 0xBF58476D1CE4E5B994D049  # odd, hence invertible
_INVERSES = tuple(pow(factor, -1, 1 << _BITS) for factor in _FACTORS)


class Identifiers:
    """The ids of one type: a permutation of the numbers below 2**88 that depends on the seed."""

    def __init__(self, prefix: str, seed: int) -> None:
        self._prefix = f"{prefix}_cm"
        self._offset = int.from_bytes(blake2b(f"{prefix} {seed}".encode(), digest_size=_BITS // 8).digest(), "big")

    def encode(self, number: int) -> str:
        """Return the id of a number, in the format of the API."""
        code = (number + self._offset) * _FACTORS[0] & _MASK
        code = (code ^ code >> _HALF) * _FACTORS[1] & _MASK
        return f"{self._prefix}{code ^ code >> _HALF:0{_BITS // 4}x}"

    def decode(self, identifier: str) -> int | None:
        """Return the number of an id, or None if it does not look like one."""
        try:
            code = int(identifier.removeprefix(self._prefix), 16) & _MASK
        except ValueError:
            return None
        code = (code ^ code >> _HALF) * _INVERSES[1] & _MASK
        code = (code ^ code >> _HALF) * _INVERSES[0] & _MASK
        number = code - self._offset & _MASK
        return number if self.encode(number) == identifier else None
