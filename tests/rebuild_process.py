"""A rebuild in a process of its own, to be killed by itself at a marked point."""

import sys

from infra.chaos.marks import arm
from infra.database import connect
from projections import campaigns, filling, messages, team
from projections.checkpoints import PARTITIONS
from projections.rebuild import rebuild
from tests.bench.campaign_log import campaign_log
from tests.tallies import Kept

CHOSEN = (messages.projection, campaigns.projection)


def log():
    """Some 3,000 facts, the same ones every time."""
    return Kept(campaign_log(500, workspaces=7, recipients=100))


if __name__ == "__main__":
    url, *at = sys.argv[1:]
    if at:
        arm(":".join(at))
    filling.CHUNK, team.MANY = 500, 0
    # SQLite's locks do not survive a fork.
    opened = log if url.startswith("mysql") else None
    rebuild(log(), connect(url), CHOSEN, PARTITIONS, opened=opened)
