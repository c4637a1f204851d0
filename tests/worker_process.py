"""A projector in a process of its own, and what tests do with it: wait, end it, read its words."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import func, select

from projections.checkpoints import checkpoints
from tests.log_facts import PARTITIONS
from tests.tallies import counting, cured, naming, tables_at


class Process:
    def __init__(self, url, kafka, topic, group, log, partitions=PARTITIONS, **environment):
        self.log = log
        arguments = [url, kafka, topic, group, str(partitions)]
        with log.open("ab") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.worker_process", *arguments],
                stderr=words,
                cwd=Path(__file__).parents[1],
                env={**os.environ, **environment},
            )

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def stop(self):
        """The exit code after SIGTERM; a projector takes seconds to end, not more."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def ended(self, within_s=40):
        """The exit code of one that ends by itself, and its last words."""
        return self.process.wait(within_s), self.words()

    def words(self):
        return self.log.read_text()


@contextmanager
def projector(*arguments, **options):
    """Whatever happens in the body, no process is left behind."""
    process = Process(*arguments, **options)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()


def applied(engine, name="counting"):
    """How many records the projection has applied."""
    c = checkpoints.c
    with engine.connect() as connection:
        return connection.scalar(select(func.sum(c.records)).where(c.projection == name)) or 0


def members(kafka, group):
    """Those that have their partitions; nobody while they are being shared out."""

    async def ask():
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        try:
            await admin.start()
            (answer,) = await admin.describe_consumer_groups([group])
            ((_, _, state, _, _, found, *_),) = answer.groups
            return {member[0] for member in found} if state == "Stable" else set()
        finally:
            await admin.close()

    return asyncio.run(ask())


def until(condition, within_s=60):
    """Wait for it, or fail."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


def main():
    """Serve the two small read models until told to stop."""
    from faust import streams

    from infra.chaos.marks import arm
    from projections.flood import Flood
    from projections.worker import run_worker

    arm()
    assert streams._CStreamIterator is None or "NO_CYTHON" not in os.environ
    url, kafka, topic, group, partitions = sys.argv[1:]
    engine = tables_at(url)
    return run_worker(
        kafka,
        topic,
        engine,
        [naming, cured if "TEST_CURED" in os.environ else counting],
        group,
        partitions=int(partitions),
        stall_s=float(os.environ.get("TEST_STALL_S", "60")),
        session_s=float(os.environ.get("TEST_SESSION_S", "6")),
        flood=Flood(int(os.environ.get("TEST_CAP", "100"))),
    )


if __name__ == "__main__":
    sys.exit(main())
