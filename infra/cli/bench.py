"""`blazz bench`: the measurements, each beside its floor."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_benches(arguments: list[str]) -> int:
    """The exit status of `python -m tests.bench` with these arguments."""
    command = [sys.executable, "-m", "tests.bench", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode
