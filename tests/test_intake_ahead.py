"""While one transaction commits, the next one is prepared: outside of any, and so that it is used."""

import asyncio
import threading

import pytest
from sqlalchemy import event, update

from domain.group import GroupCreated
from domain.kernel import Recorded
from projections.checkpoints import PAUSED, checkpoints
from projections.intake import Intake
from projections.projection import Projection
from projections.rows import Row, add
from projections.sink import Sink
from projections.waiting import Fetched
from tests.tallies import history, naming, rows, tables_at, tally
from tests.test_intake import kafka_records

RECORDS, A_BATCH, A_COMMIT = 4000, 50, 400


class Watched:
    """A read model that notes which of its facts were projected inside a transaction."""

    def __init__(self, engine):
        self.inside, self.late = set(), []
        event.listen(engine, "begin", lambda _: self.inside.add(threading.get_ident()))
        for end in ("commit", "rollback"):
            event.listen(engine, end, lambda _: self.inside.discard(threading.get_ident()))
        self.projection = Projection("watched", tally)
        self.projection.on(self.counted)

    def counted(self, event: GroupCreated, recorded: Recorded) -> Row:
        if threading.get_ident() in self.inside:
            self.late.append(recorded.position)
        return add(tally, workspace_id=event.workspace_id, groups_created=1)


@pytest.fixture
def engine(tmp_path, monkeypatch):
    for name, number in {"RECORDS_A_COMMIT": A_COMMIT, "RECORDS_AHEAD": 50}.items():
        monkeypatch.setattr(f"projections.intake.{name}", number)
    engine = tables_at(f"sqlite:///{tmp_path / 'read.sqlite'}")
    yield engine
    engine.dispose()


async def work_off(intake, records, acked=lambda _: None):
    """The whole backlog; `acked` is told how many records were applied by then."""
    done, task = asyncio.Event(), asyncio.create_task(intake.run())

    async def ack():
        acked(intake.next_offsets[0])
        if intake.next_offsets[0] == len(records):
            done.set()

    for start in range(0, len(records), A_BATCH):
        await intake.put(Fetched(0, records[start : start + A_BATCH], lambda: True, ack))
    await asyncio.wait([task, asyncio.ensure_future(done.wait())], return_when="FIRST_COMPLETED")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_only_the_first_transaction_of_a_backlog_is_not_prepared_ahead(engine):
    watched = Watched(engine)
    records = list(kafka_records(history(RECORDS)))
    work = work_off(Intake(Sink(engine, [watched.projection], 1)), records)
    asyncio.run(asyncio.wait_for(work, 60))
    assert sum(row[1] for row in rows(engine, tally)) == RECORDS
    assert 0 < len(watched.late) <= A_COMMIT


def test_preparing_ahead_goes_on_after_somebody_else_has_paused_a_projection(engine):
    watched = Watched(engine)
    records = list(kafka_records(history(RECORDS)))
    paused = update(checkpoints).where(checkpoints.c.projection == naming.name)

    def meddle(applied):
        if applied == A_COMMIT * 2:
            with engine.begin() as connection:
                connection.execute(paused.values(state=PAUSED))

    work = work_off(Intake(Sink(engine, [watched.projection, naming], 1)), records, meddle)
    asyncio.run(asyncio.wait_for(work, 60))
    assert sum(row[1] for row in rows(engine, tally)) == RECORDS
    assert A_COMMIT < max(watched.late) <= len(records) - 3 * A_COMMIT
