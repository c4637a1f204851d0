"""The marked points of the code at which a process can be told to die, and who passes them.

Each is a `sys.audit("blazz.<mark>")`, which costs nothing worth measuring while nobody listens.
"""

import os
import signal
import sys
from itertools import count
from typing import Final

VARIABLE: Final = "BLAZZ_KILL_AT"
PREFIX: Final = "blazz."
REBUILD: Final = "rebuild"
"""No service, but the command `blazz projections rebuild`."""

MARKS: Final[dict[str, tuple[str, ...]]] = {
    "store.before_commit": ("command-api", "policies", "sender"),
    "store.after_commit": ("command-api", "policies", "sender"),
    "inbox.before_commit": ("policies",),
    "inbox.after_commit": ("policies",),
    "relay.before_produce": ("relay",),
    "relay.after_produce": ("relay",),
    "relay.after_checkpoint": ("relay",),
    "sink.before_commit": ("projector",),
    "sink.after_commit": ("projector",),
    "worker.after_ack": ("projector",),
    "sender.after_attempt": ("sender",),
    "sender.after_call": ("sender",),
    "rebuild.created": (REBUILD,),
    "rebuild.before_commit": (REBUILD,),
    "rebuild.after_commit": (REBUILD,),
    "rebuild.indexed": (REBUILD,),
    "rebuild.before_swap": (REBUILD,),
    "rebuild.after_swap": (REBUILD,),
}
PASSED: Final = {
    service: tuple(mark for mark, services in MARKS.items() if service in services)
    for service in sorted({service for services in MARKS.values() for service in services})
}
"""Service -> the marks it passes."""
PAIRS: Final = frozenset((service, mark) for service, marks in PASSED.items() for mark in marks)


class MarkUnknown(ValueError):
    """One line: what BLAZZ_KILL_AT should have been."""


def arm(wanted: str | None = None) -> None:
    """Kill this process with -9 at the n-th passing of a mark, as `BLAZZ_KILL_AT=mark:n` says."""
    wanted = os.environ.get(VARIABLE) if wanted is None else wanted
    if not wanted:
        return
    mark, _, passing = wanted.rpartition(":")
    if mark not in MARKS or not passing.isdecimal() or int(passing) < 1:
        raise MarkUnknown(
            f"{VARIABLE} is {wanted!r}; it must be like sender.after_call:3, with one of"
            f" {', '.join(MARKS)}"
        )
    name, last, passed = PREFIX + mark, int(passing), count(1)

    def on_event(event: str, _arguments: object) -> None:
        if event == name and next(passed) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(on_event)
