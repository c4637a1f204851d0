"""Who waits for read models is woken by the bell, and looks by itself where none is rung."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import make_url, text

from infra.bell import Bell, Ear
from infra.database import connect_async
from projections.all import ALL
from projections.runner import Runner
from projections.sink import Sink
from read_api import arrivals
from read_api.arrivals import Arrivals, Place
from read_api.source import source
from tests.read_site import read_site
from tests.stage import Stage
from tests.stream_client import begun, close_all
from tests.tallies import entries, history, naming

PATIENCE_S, LONG_S = 30.0, 600.0
OURS, OTHER = 0, 1
PLACE = Place(naming.name, naming.version, OURS)


class Counting:
    """How often the database has answered."""

    def __init__(self, engine):
        self._source, self.asked, self.again = source(engine), 0, asyncio.Event()

    def prepare(self, statement):
        return self._source.prepare(statement)

    async def ask(self, *asked):
        found = await self._source.ask(*asked)
        self.asked += 1
        self.again.set()
        return found


class World:
    """A read model of two partitions, whoever waits for it, and whoever commits to it."""

    def __init__(self, engine, *, rung=True, heard=True):
        self.url = make_url(engine.url)
        self._engine = connect_async(engine.url.render_as_string(hide_password=False))
        self.source = Counting(self._engine)
        self.ear = Ear(self.url, "rows") if heard else None
        self.arrivals = Arrivals(self.source, self.ear)
        self.bell = Bell(self.url, "rows") if rung else None
        self._sink = Sink(engine, [naming], 2, bell=self.bell)
        self._facts = entries(history(40))

    async def commit(self, upto, partition=OURS):
        await asyncio.to_thread(self._sink.apply, partition, self._facts[:upto])

    def waiting(self, wanted, within_s=PATIENCE_S):
        return asyncio.create_task(self.arrivals.reach(PLACE, wanted, within_s))

    async def asks(self, count):
        async with asyncio.timeout(PATIENCE_S):
            while self.source.asked < count:
                self.source.again.clear()
                await self.source.again.wait()

    def run(self, story):
        async def told():
            try:
                await story()
            finally:
                await self._engine.dispose()

        asyncio.run(told())
        if self.ear is not None:
            self.ear.close()


@pytest.fixture
def patient(monkeypatch):
    """Whoever is told of commits does not look by itself before the test is over."""
    monkeypatch.setattr(arrivals, "LAST_LOOK_S", LONG_S)


def test_who_waits_looks_again_when_its_partition_is_told_of_and_only_then(engine, patient):
    world = World(engine)

    async def story():
        waiting = world.waiting(10)
        await world.asks(1)
        for partition in (OTHER, OURS):
            await world.commit(10, partition)
            for _ in range(20):
                await asyncio.sleep(0)
        assert await waiting == 10
        assert world.source.asked == 2

    world.run(story)


def test_many_who_wait_share_their_looks(engine, patient):
    world = World(engine)

    async def story():
        waiting = [world.waiting(wanted % 10 + 1) for wanted in range(200)]
        await world.asks(1)
        await world.commit(5)
        await world.commit(10)
        reached = await asyncio.gather(*waiting)
        assert all(position >= n % 10 + 1 for n, position in enumerate(reached))
        assert world.source.asked <= 3

    world.run(story)


def test_what_was_committed_before_is_seen_at_once(engine, patient):
    world = World(engine)

    async def story():
        await world.commit(10)
        assert await world.waiting(10) == 10
        held_up = world.waiting(20)
        await world.asks(2)
        assert await world.waiting(7) == 10
        held_up.cancel()

    world.run(story)


@pytest.mark.parametrize("heard", [True, False])
def test_without_a_bell_it_is_looked_for_often(engine, heard):
    world = World(engine, rung=False, heard=heard)

    async def story():
        for upto in (10, 20, 30):
            waiting = world.waiting(upto)
            await world.asks(world.source.asked + 2)
            await world.commit(upto)
            assert await waiting == upto

    world.run(story)


def test_who_is_told_of_nothing_looks_often_after_the_first_time(engine, monkeypatch):
    monkeypatch.setattr("infra.bell.TOLD_WITHIN_S", 0.0)
    world = World(engine, rung=False)

    async def story():
        first = world.waiting(10)
        await world.asks(2)
        await world.commit(10)
        await first
        monkeypatch.setattr(arrivals, "LAST_LOOK_S", LONG_S)
        monkeypatch.setattr(arrivals, "A_TENTH", 0.0)
        second = world.waiting(20)
        await world.asks(world.source.asked + 2)
        await world.commit(20)
        assert await second == 20

    world.run(story)


def test_a_wait_ends_in_time_and_the_others_go_on(engine):
    world = World(engine)

    async def story():
        long, short = world.waiting(10), world.waiting(10, 0.05)
        assert await short == 0
        assert await world.waiting(10, 0.0) == 0
        await world.commit(10)
        assert await long == 10

    world.run(story)


def test_who_goes_away_holds_up_nobody(engine, patient):
    world = World(engine)

    async def story():
        gone, stays = world.waiting(10), world.waiting(10)
        await world.asks(1)
        gone.cancel()
        await world.commit(10)
        assert await stays == 10
        assert await world.waiting(10) == 10

    world.run(story)


def test_what_the_database_refuses_is_said_to_all_and_asked_again(engine):
    world = World(engine)

    def rename(old, new):
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    async def story():
        rename("checkpoints", "elsewhere")
        for one in [world.waiting(10) for _ in range(3)]:
            with pytest.raises(Exception, match="checkpoints"):
                await one
        rename("elsewhere", "checkpoints")
        await world.commit(10)
        assert await world.waiting(10) == 10

    world.run(story)


@pytest.fixture
def ringing(tmp_path):
    """A stage whose projector rings."""
    stage = Stage(tmp_path)
    bell = Bell(stage.read.url, "rows")
    stage.runner = Runner(stage.store, Sink(stage.read, ALL, 1, bell=bell))
    yield stage
    stage.close()


def test_requests_are_answered_when_the_bell_rings(ringing, patient):
    with read_site(ringing, partial(Ear, ringing.read.url, "rows")) as site:
        http = site.client(ringing.ws)
        ringing.follow()
        for number in range(20):
            contact = ringing.contact(f"+4915500000{number:02}")
            headers = {"Blazz-Min-Position": str(ringing.store.head()), "Prefer": "wait=10"}
            answer = http.get(f"/v1/contacts/con_{contact.hex}", headers=headers)
            assert answer.status_code == 200
            assert int(answer.headers["Blazz-Position"]) >= ringing.store.head()


def test_streams_are_told_when_the_bell_rings(ringing, monkeypatch):
    monkeypatch.setattr("read_api.live.follower.TOLD_LOOK_S", LONG_S)
    with read_site(ringing, partial(Ear, ringing.read.url, "rows")) as site:
        another = site.client(ringing.new_workspace())
        listening = begun(site.client(ringing.ws), "contacts")
        begun(another, "contacts")
        for number in range(3):
            contact = ringing.contact(f"+49155000000{number}")
            ringing.project()
            listening.until(lambda _, n=number: len(listening.items()) > n)
            assert listening.items()[-1].data["contact_id"] == f"con_{contact.hex}"
        close_all()
