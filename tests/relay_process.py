"""A relay in a process of its own, to be killed: by others, or by itself at a marked point."""

import asyncio
import sys

from infra.chaos.marks import arm
from infra.event_store.store import open_store
from tests.log_facts import relay_of

if __name__ == "__main__":
    url, kafka, topic, *at = sys.argv[1:]
    if at:
        arm(":".join(at))
    relay = relay_of(open_store(url), kafka, topic, lease_s=1.0)
    asyncio.run(relay.run(asyncio.Event()))
