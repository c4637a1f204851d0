"""A relay in a process of its own, to be killed: by others, or by itself at a marked point."""

import asyncio
import os
import signal
import sys

from infra.event_store.store import open_store
from tests.log_facts import relay_of


def die_at(mark, passing):
    """Kill -9 at that passing of a marked point, so that nothing is tidied up."""
    passed = 0

    def hook(event, _):
        nonlocal passed
        if event == f"blazz.{mark}":
            passed += 1
            if passed == passing:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    url, kafka, topic, *at = sys.argv[1:]
    if at:
        die_at(at[0], int(at[1]))
    relay = relay_of(open_store(url), kafka, topic, lease_s=1.0)
    asyncio.run(relay.run(asyncio.Event()))
