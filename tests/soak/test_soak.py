"""Fifty thousand requests leave nothing behind; ``nox -s soak`` makes a million."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.figures import Sample, growth

ROOT = Path(__file__).parents[2]
PATIENCE = 300.0
"""Seconds that it may take on a machine that does much else; about 20 on one that does not."""


@pytest.mark.timeout(PATIENCE)
def test_fifty_thousand_requests_leave_nothing_behind() -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.soak.run", "--requests", "50000"]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (child.returncode, child.stderr) == (0, ""), child.stdout + child.stderr


@pytest.mark.parametrize(
    ("requests", "memory", "blocks", "step", "none"),
    [
        (50_000, 50, 0.1, 0, True),
        (50_000, 300, 0.1, 0, False),
        (50_000, 0, 0.1, 1_000_000, True),
        (50_000, 0, 1.0, 0, False),
        (1_000_000, 9, 0.01, 0, True),
        (1_000_000, 11, 0.01, 0, False),
    ],
)
def test_growth_is_told_from_steps(requests: int, memory: int, blocks: float, step: int, *, none: bool) -> None:
    samples = [
        Sample(at, 0, 0, 0, 50_000_000 + at * memory + step * (at > requests // 2), round(at * blocks))
        for at in range(requests // 20, requests + 1, requests // 20)
    ]
    assert growth(samples).none == none
