"""The official SDK in its own virtual environment.

It is created with pip under `benchmarks/.cache/` on first use. Both packages are imported as `lightfield`, so they
cannot share an environment.
"""

import os
import shutil
import subprocess
import venv
from pathlib import Path

REQUIREMENT = "lightfield[aiohttp]==0.20.0a2"
FOLDER = Path(__file__).parent / ".cache" / "peer"


def interpreter() -> Path:
    """Return the Python of the official SDK's environment."""
    python = FOLDER / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = FOLDER / "requirement.txt"
    if not done.exists() or done.read_text() != REQUIREMENT:
        print(f"installing {REQUIREMENT} for comparison ...", flush=True)
        shutil.rmtree(FOLDER, ignore_errors=True)
        venv.create(FOLDER, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", REQUIREMENT], check=True)
        done.write_text(REQUIREMENT)
    return python
