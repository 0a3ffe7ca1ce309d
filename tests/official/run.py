"""The official SDK's own endpoint tests, run against our package.

All of them must pass, and each ``test_method_*`` must make the same requests as with the official SDK: method, path,
query and JSON body. Node.js is needed for the mock of the API, and the network to fetch the mock and the official SDK.

Then both play the same scenario against the sandbox, and must come to the same results.
"""

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.client.both import awaited
from tests.official import acting, suite
from tests.official.description import description
from tests.official.mock import MockError, mocking
from tests.official.recorder import differences, recording

TESTS = Counter(method=935, path_params=370, raw_response=560, streaming_response=560)
"""How many there are of each kind."""


async def check(folder: Path, mock: str, options: argparse.Namespace, *more: str) -> bool:
    """Run the tests, print what there is to say, and say whether all is well."""
    source, official = suite.download(folder), suite.official_interpreter()
    suite.lay_out(source, folder / "checked", ours=not options.official)
    suite.lay_out(source, folder / "reference", ours=False)
    python = official if options.official else Path(sys.executable)
    async with recording(mock) as recorder:
        compared = await suite.run(official, folder / "reference", recorder.url, "-k", "test_method_")
        expected = recorder.take()
        passed = await suite.run(python, folder / "checked", recorder.url, *more)
        actual = recorder.take()
    different = differences(expected, actual)
    _print(*different, f"Different requests: {len(different)} of {len(expected):,} tests.")
    _print(f"Passed: {passed.total():,} of {TESTS.total():,} tests:", *(_of(passed, kind) for kind in TESTS))
    same = await _play(official)
    return same and passed == TESTS and compared["method"] == len(expected) == TESTS["method"] and not different


async def _play(official: Path) -> bool:
    theirs, ours = await acting.play_elsewhere(official), await acting.play_with(awaited)
    different = acting.differences(theirs, ours)
    count = f"{sum(map(len, ours.values()))} results in {len(ours)} chapters"
    _print(*different, f"Scenario: {count}, {len(different) or 'none'} different.")
    return not different


def _of(passed: Counter[str], kind: str) -> str:
    return f"  {kind}: {passed[kind]} of {TESTS[kind]}"


def _print(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201 # its result


def main() -> int:
    """Read the command line, run the mock and the tests; options it does not know are pytest's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", type=Path, help="another OpenAPI document for the mock")
    parser.add_argument("--official", action="store_true", help="test the official SDK instead, to prove the tests run")
    options, more = parser.parse_known_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        document = folder / "openapi.json"
        document.write_bytes(options.spec.read_bytes() if options.spec else description())
        try:
            with mocking(document, folder / "mock.log") as mock:
                return 0 if asyncio.run(check(folder, mock, options, *more)) else 1
        except (MockError, suite.SuiteError) as error:
            sys.exit(str(error))


if __name__ == "__main__":
    sys.exit(main())
