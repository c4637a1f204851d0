"""One projector of the measurements in a process of its own: `KIND SET URL KAFKA TOPIC`.

KIND is faust, aiokafka or handwritten; SET is three (message row, contact timeline row, campaign
counters) or all.
"""

import asyncio
import gc
import sys

from infra.cli.entry import OBJECTS_A_COLLECTION
from infra.database import connect
from projections import campaigns, messages, timeline
from projections.all import ALL
from projections.checkpoints import PARTITIONS
from projections.worker import run_worker
from tests.bench.aiokafka_driver import run_plain
from tests.bench.handwritten import run_handwritten

SETS = {
    "three": (timeline.projection, campaigns.projection, messages.projection),
    "all": ALL,
}


def main(kind: str, chosen: str, url: str, kafka: str, topic: str) -> int:
    gc.set_threshold(OBJECTS_A_COLLECTION, 20, 50)
    if kind == "handwritten":
        asyncio.run(run_handwritten(kafka, topic, url, PARTITIONS))
        return 0
    work = {"faust": run_worker, "aiokafka": run_plain}[kind]
    return work(kafka, topic, connect(url), SETS[chosen], f"{topic}.{url[-8:]}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
