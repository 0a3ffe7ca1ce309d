"""Look longer for an answer that is neither a value nor a LightfieldError: guided by coverage, for as long as told.

    pip install atheris
    python tests/fuzz/atheris_decoder.py -max_total_time=600

It ends with an error at the first finding, and leaves the input that led to it in a file.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
atheris: Any = importlib.import_module("atheris")  # no dependency of the project

with atheris.instrument_imports(include=["lightfield"]):
    from multidict import CIMultiDict

    from lightfield._protocol.response import Response
    from tests.fuzz.headers import check_headers
    from tests.fuzz.mutations import spoilt_bytes
    from tests.fuzz.reading import REFUSALS, answers, use

ANSWERS = [*answers().values()]
NAMES = ["Retry-After", "Date", "X-RateLimit-Limit", "X-RateLimit-Remaining", "Location", "X-Should-Retry"]


def one(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)

    def choose(most: int) -> int:
        number: int = provider.ConsumeIntInRange(0, most)
        return number

    request, documents = ANSWERS[choose(len(ANSWERS) - 1)]
    refused = choose(3) == 0
    status = choose(699) + 300 if refused else 200
    headers = CIMultiDict({name: provider.ConsumeUnicodeNoSurrogates(40) for name in NAMES if choose(3) == 0})
    check_headers(headers, status)
    given = choose(3) == 0
    content = b"" if given else spoilt_bytes(REFUSALS if refused else documents, choose)
    use(request, Response(status, headers, provider.ConsumeBytes(provider.remaining_bytes()) if given else content))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
