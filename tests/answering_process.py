"""Answers by rules, once, as a process that may be killed at a mark: its arguments are databases."""

import sys
from datetime import UTC, datetime

from commands.policies.auto_reply import AutoReplyPolicy
from commands.policies.zones import Zones
from infra.chaos.marks import arm
from infra.database import connect
from infra.event_store import open_store


def main(store_url, read_url):
    store, read = open_store(store_url), connect(read_url, durable=False)
    policy = AutoReplyPolicy(store, read, Zones(read))
    arm()
    policy.step(datetime.now(UTC))
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
