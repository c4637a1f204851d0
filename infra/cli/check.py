"""`blazz check`: form, types, and who may know whom."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PROGRAMS = Path(sys.executable).parent

CHECKS: list[tuple[str, list[str]]] = [
    ("format", ["ruff", "format", "--check", "--quiet", "."]),
    ("lint", ["ruff", "check", "--quiet", "."]),
    ("types", ["mypy", "--no-error-summary"]),
    ("layers", ["lint-imports", "--no-cache"]),
    ("shell", ["shellcheck", "blazz", ".ci/run"]),
]


def run_check() -> int:
    """Runs them all, so that one look shows everything that is wrong."""
    failed = [name for name, command in CHECKS if not _passes(name, command)]
    good = len(CHECKS) - len(failed)
    sys.stdout.write(f"check: {good} of {len(CHECKS)} fine{_listed(failed)}\n")
    sys.stdout.flush()
    return 1 if failed else 0


def _listed(failed: list[str]) -> str:
    return f"; wrong: {', '.join(failed)}" if failed else ""


def _passes(name: str, command: list[str]) -> bool:
    program, *args = command
    try:
        done = subprocess.run(
            [str(_PROGRAMS / program), *args],
            cwd=ROOT,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as absent:
        sys.stdout.write(f"{name}: WRONG ({program} cannot be started: {absent})\n")
        return False
    verdict = "fine" if done.returncode == 0 else "WRONG"
    said = "" if done.returncode == 0 else done.stdout + done.stderr
    sys.stdout.write(f"{name}: {verdict} ({program})\n{said}")
    sys.stdout.flush()
    return done.returncode == 0
