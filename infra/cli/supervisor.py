"""One supervisor for a set of processes: starts them, restarts what dies, stops all cleanly."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

GRACE_S = 20.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
STEADY_S = 30.0
CONFIGURATION_WRONG = 3
PR_SET_PDEATHSIG = 1
PARENT = "BLAZZ_PARENT"
ROOT = Path(__file__).parents[2]

Child = subprocess.Popen[bytes]


def stay_with_parent() -> None:
    """In a supervised child: ask the kernel (Linux) to end it when its parent dies."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if str(os.getppid()) != parent:  # it died before the kernel was asked
        sys.exit(os.EX_OK)


def start(
    arguments: Sequence[str],
    environment: dict[str, str] | None = None,
    output: IO[bytes] | None = None,
) -> Child:
    """A child running `blazz ARGUMENTS…` with this process's Python; it speaks into `output`."""
    return subprocess.Popen(
        [sys.executable, "-m", "infra.cli.main", *arguments],
        env={**os.environ, **(environment or {}), PARENT: str(os.getpid())},
        cwd=ROOT,
        stdout=output,
        stderr=output,
        process_group=0,  # Ctrl-C reaches the parent alone, which then ends its children in order
    )


def stop(child: Child, grace_s: float = GRACE_S) -> int:
    """SIGTERM, then SIGKILL when the grace is over; its exit status."""
    if child.poll() is None:
        child.terminate()
    return _ended(child, grace_s)


def _ended(child: Child, grace_s: float) -> int:
    try:
        return child.wait(grace_s)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


class Supervised:
    """One service: its process, and when it may be started again."""

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self.name, self.arguments = name, arguments
        self.pause_s, self.started, self.due = FIRST_PAUSE_S, 0.0, 0.0
        self.child: Child | None = None

    def tend(self, say: Callable[[str], None]) -> None:
        """Start it if it is due; notice its death and plan the next start."""
        now = time.monotonic()
        if self.child is None:
            if now >= self.due:
                self.started, self.child = now, start(self.arguments)
                say(f"{self.name}: started, process {self.child.pid}")
            return
        status = self.child.poll()
        if status is None:
            return
        if status == CONFIGURATION_WRONG:
            raise SystemExit(CONFIGURATION_WRONG)
        lived = now - self.started
        self.pause_s = FIRST_PAUSE_S if lived > STEADY_S else min(self.pause_s * 2, LONGEST_PAUSE_S)
        self.child, self.due = None, now + self.pause_s
        say(f"{self.name}: ended with {status}, again in {self.pause_s:.1f} s")


def supervise(services: Sequence[Supervised], say: Callable[[str], None]) -> int:
    """Keep all running until SIGTERM or SIGINT, then stop them.

    The exit status: 0 if all of them ended as they were told to, else 1.
    """
    stopping = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    in_order = False
    try:
        while not stopping:
            for service in services:
                service.tend(say)
            time.sleep(0.1)
    finally:
        in_order = _stop_all(services, say)
    return os.EX_OK if in_order else 1


def _stop_all(services: Sequence[Supervised], say: Callable[[str], None]) -> bool:
    """Last started first. Whether each one ended by itself and in order."""
    running = [(s.name, s.child) for s in reversed(services) if s.child is not None]
    for _, child in running:
        child.send_signal(signal.SIGTERM)
    deadline, in_order = time.monotonic() + GRACE_S, True
    for name, child in running:
        # A second signal would end it in the middle of its goodbye.
        status = _ended(child, max(0.1, deadline - time.monotonic()))
        say(f"{name}: stopped with {status}")
        # While it is still starting, SIGTERM ends a process before it can say goodbye.
        in_order = in_order and status in {os.EX_OK, -signal.SIGTERM}
    return in_order
