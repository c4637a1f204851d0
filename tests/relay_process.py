"""A relay in a process of its own, to be killed."""

import asyncio
import sys

from infra.event_store.store import open_store
from tests.log_facts import relay_of

if __name__ == "__main__":
    url, kafka, topic = sys.argv[1:]
    relay = relay_of(open_store(url), kafka, topic, lease_s=1.0)
    asyncio.run(relay.run(asyncio.Event()))
