"""The fleet of the docs, as it stands there: two worker processes, one limit, every id."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from lightfield.testing import Sandbox
from tests.sharing.server import RedisServer

PAGE = Path(__file__).parents[2] / "docs/fleets.md"

PROGRAM = """
import json, sys
from fleet import fetch_all

if __name__ == "__main__":
    names, failed = fetch_all(json.loads(sys.argv[1]))
    print(json.dumps({"names": names, "failed": failed}))
"""


def snippet(library: str) -> str:
    """Find the snippet of the page that needs a library."""
    found = re.search(rf"^```python {library}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def test_two_dask_workers_fetch_everything_and_are_not_throttled(redis_server: RedisServer, tmp_path: Path) -> None:
    (tmp_path / "fleet.py").write_text(snippet("dask"))
    (tmp_path / "program.py").write_text(PROGRAM)
    with Sandbox(opportunities=120, rate_limit=40) as sandbox:
        own = {
            "REDIS_URL": redis_server.url,
            "LIGHTFIELD_BASE_URL": sandbox.base_url,
            "LIGHTFIELD_API_KEY": sandbox.api_key,
            "DASK_DISTRIBUTED__DASHBOARD__LINK": "",
        }
        ids = [*sandbox.opportunity_ids, "opp_gone"]
        ended = subprocess.run(
            [sys.executable, "program.py", json.dumps(ids)],
            cwd=tmp_path,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        fetched = json.loads(ended.stdout)
        expected = {id: document["fields"]["$name"]["value"] for id, document in sandbox.opportunities.items()}
        assert fetched == {"names": expected, "failed": ["opp_gone"]}
        assert (len(sandbox.requests), sandbox.throttled) == (121, 0)
    assert redis_server.slots() >= 121
    assert redis_server.connections() == 0
