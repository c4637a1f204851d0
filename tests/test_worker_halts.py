"""A projector that meets a flood of bad records: it stands still, says so, and loses nothing."""

import asyncio
import subprocess

import httpx2
import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import select

from commands.store import Append
from domain.kernel import Metadata
from infra.log.topic import create_topic
from projections.all import ALL
from projections.checkpoints import PARTITIONS, checkpoints, parked
from projections.digest import digest
from projections.rebuild import rebuild
from projections.retry import retry
from tests import log_facts
from tests.installation import ROOT, Installation, clean, command
from tests.tallies import START, created, cured, names, naming, tables_at, tally
from tests.worker_process import applied, projector, until

FACTS = 600
BAD_EACH = 5
CAP = 20


@pytest.fixture(scope="module")
def log(kafka, tmp_path_factory):
    """A store with more bad facts than the cap and later facts of their streams, and its topic."""
    store = log_facts.new_store(f"sqlite:///{tmp_path_factory.mktemp('log') / 'store.sqlite'}")
    spelled = [f"name {n}" if n % BAD_EACH else "poison" for n in range(FACTS // 2)]
    for version, name_of in enumerate((spelled.__getitem__, "later {}".format)):
        facts = [created(n % 20, name_of(n), n) for n in range(FACTS // 2)]
        store.append([Append(e.group_id, version, [e], Metadata()) for e in facts], START)
    topic = log_facts.new_topic(kafka)
    log_facts.relayed(store, kafka, topic, watermarks=True)
    yield store, topic
    store.close()


def places(engine):
    """How far counting is in each partition, and the positions it has set aside as bad."""
    c, p = checkpoints.c, parked.c
    with engine.connect() as connection:
        at = select(c.partition, c.position).where(c.projection == "counting")
        bad = select(p.position).where(p.projection == "counting", p.behind.is_(None))
        return dict(connection.execute(at).all()), set(connection.scalars(bad))


def test_a_flood_halts_every_worker_and_after_the_cure_all_is_as_a_rebuild_makes_it(
    log, kafka, mysql_databases, tmp_path
):
    store, topic = log
    url, anew = mysql_databases(), tables_at(mysql_databases())
    engine = tables_at(url)
    arguments = (url, kafka, topic, topic)
    with (
        projector(*arguments, tmp_path / "one.log", TEST_CAP=str(CAP)) as one,
        projector(*arguments, tmp_path / "two.log", TEST_CAP=str(CAP)) as two,
    ):
        for process in (one, two):
            until(lambda p=process: "could not be applied to counting within" in p.words())
        assert [one.process.poll(), two.process.poll()] == [None, None]
        at, bad = places(engine)
        assert len(bad) == CAP
        passed = {
            entry.position
            for partition, found in log_facts.content(kafka, topic).items()
            for entry in found
            if entry.record and b"poison" in entry.record.data and entry.position <= at[partition]
        }
        assert passed == bad
        assert [one.stop(), two.stop()] == [1, 1]
    with projector(*arguments, tmp_path / "mended.log", TEST_CURED="1") as mended:
        until(lambda: applied(engine) == FACTS)
        assert mended.stop() == 0
    assert retry(engine, [naming, cured]).left == 0
    rebuild(store, anew, [naming, cured], log_facts.PARTITIONS)
    assert digest(engine, [names, tally]) == digest(anew, [names, tally])
    for used in (engine, anew):
        used.dispose()


def send_garbage(kafka, topic, count):
    async def work():
        await create_topic(kafka, topic, PARTITIONS)
        producer = AIOKafkaProducer(bootstrap_servers=kafka)
        await producer.start()
        try:
            for _ in range(count):
                await producer.send_and_wait(topic, b"garbage", partition=0)
        finally:
            await producer.stop()

    asyncio.run(work())


def test_a_halted_projector_stays_to_tell_why_it_is_not_ready(tmp_path, kafka):
    files = (f"sqlite:///{tmp_path}/store.sqlite", f"sqlite:///{tmp_path}/read.sqlite")
    installation = Installation(tmp_path, *files, kafka, BLAZZ_PARKED_PER_MINUTE="2")
    installation.blazz("migrate")
    send_garbage(kafka, installation.settings["BLAZZ_TOPIC"], 3)
    url = installation.urls["projector"]

    def asked(path):
        try:
            return httpx2.get(f"{url}/-/{path}", timeout=5).text
        except httpx2.HTTPError:
            return ""

    with (tmp_path / "projector.log").open("w") as words:
        environment = clean() | installation.settings
        process = subprocess.Popen(
            command("projector"), cwd=ROOT, env=environment, stdout=words, stderr=words
        )
    try:
        until(lambda: "halted: 3 records could not be applied to" in asked("ready"))
        assert httpx2.get(f"{url}/-/ready").status_code == 503
        assert "\nblazz_projector_halted 1.0\n" in asked("metrics")
        assert installation.blazz("parked", "list").count("\n") == 2 * len(ALL)
        process.terminate()
        assert process.wait(30) == 1
    finally:
        process.kill()
    said = (tmp_path / "projector.log").read_text()
    assert said.count("halts: 3 records") == 1
    assert "Traceback" not in said
