"""`blazz projections rebuild` in small pieces, which presses Ctrl-C on itself in the midst of it."""

import os
import signal
import sys

from infra.cli.main import run
from projections import filling, team


def interrupt_at(mark, passing):
    """As a terminal does it: every process of the group is told."""
    passed = 0

    def hook(event, _):
        nonlocal passed
        if event == f"blazz.{mark}":
            passed += 1
            if passed == passing:
                os.killpg(0, signal.SIGINT)

    sys.addaudithook(hook)


if __name__ == "__main__":
    passing, *names = sys.argv[1:]
    filling.CHUNK, team.MANY = 200, 0
    interrupt_at("rebuild.after_commit", int(passing))
    sys.argv = ["blazz", "projections", "rebuild", *names]
    run()
