"""What was prepared for things as they seem to stand is written at once, and only if they do."""

import pytest
from sqlalchemy import event, select, update

from projections import upserts
from projections.checkpoints import PAUSED, checkpoints, parked
from projections.pausing import pause, resume
from projections.rows import put
from projections.sink import Applied, Sink
from tests.tallies import (
    START,
    Kept,
    counting,
    created,
    entries,
    history,
    naming,
    record,
    set_aside,
)
from tests.test_sink_faults import end_connection, total

FIRST, COUNT = 30, 50

pytestmark = pytest.mark.parametrize("database", ["mysql"], indirect=True)


@pytest.fixture
def sink(engine):
    sink = Sink(engine, [naming, counting], 1)
    sink.apply(0, entries(history(FIRST)))
    return sink


@pytest.fixture
def asked(engine):
    """Every statement that goes through SQLAlchemy: those of a transaction at once do not."""
    out = []
    event.listen(engine, "before_cursor_execute", lambda *of: out.append(of[2]))
    return out


def batch():
    return {0: entries(history(COUNT))[FIRST:]}


def places(engine):
    with engine.connect() as connection:
        c = checkpoints.c
        columns = (c.projection, c.position, c.next_offset, c.records, c.state)
        return {row[0]: tuple(row[1:]) for row in connection.execute(select(*columns))}


def test_nothing_is_asked_before_a_prepared_batch_is_written(engine, sink, asked):
    prepared = sink.prepare(batch())
    asked.clear()
    assert sink.apply_all(batch(), prepared) == Applied(COUNT - FIRST, 0, 0)
    assert asked == []
    assert places(engine) == dict.fromkeys(["naming", "counting"], (COUNT, COUNT, COUNT, "live"))
    assert total(engine) == COUNT


def test_what_another_sink_has_applied_meanwhile_is_not_applied_again(engine, sink, asked):
    prepared = sink.prepare(batch())
    Sink(engine, [naming, counting], 1).apply(0, entries(history(COUNT))[FIRST : FIRST + 5])
    asked.clear()
    assert sink.apply_all(batch(), prepared) == Applied(COUNT - FIRST - 5, 5, 0)
    assert any("FOR UPDATE" in statement for statement in asked)
    assert total(engine) == COUNT


def test_a_commit_that_was_not_heard_of_is_not_repeated(engine, sink):
    unheard, prepared = [], sink.prepare(batch())

    @event.listens_for(engine, "commit")
    def lose(connection):
        if not unheard:
            unheard.append(1)
            connection.connection.dbapi_connection.commit()
            raise ConnectionResetError("the answer to COMMIT did not come")

    assert sink.apply_all(batch(), prepared) == Applied(0, COUNT - FIRST, 0)
    assert unheard
    assert total(engine) == COUNT


def test_a_connection_lost_before_it_is_made_again(engine, sink, database):
    lost, prepared = [], sink.prepare(batch())

    @event.listens_for(engine, "begin")
    def lose(connection):
        if not lost:
            lost.append(1)
            end_connection(database, connection)

    assert sink.apply_all(batch(), prepared) == Applied(COUNT - FIRST, 0, 0)
    assert lost
    assert total(engine) == COUNT


def test_a_projection_paused_meanwhile_takes_nothing_and_gets_all_of_it_later(engine, sink):
    prepared = sink.prepare(batch())
    pause(engine, counting, 1)
    assert sink.apply_all(batch(), prepared).applied == COUNT - FIRST
    assert total(engine) == FIRST
    assert places(engine)["counting"] == (FIRST, None, FIRST, PAUSED)
    resume(Kept(history(COUNT)), engine, counting, 1)
    assert total(engine) == COUNT


def test_a_projection_resumed_meanwhile_takes_its_part(engine, sink):
    pause(engine, counting, 1)
    sink.prepare(batch())
    sink.apply(0, batch()[0][:5])
    prepared = sink.prepare({0: batch()[0][5:]})
    resume(Kept(history(FIRST + 5)), engine, counting, 1)
    sink.apply_all({0: batch()[0][5:]}, prepared)
    assert places(engine)["counting"][:1] == places(engine)["naming"][:1] == (COUNT,)
    assert total(engine) == COUNT


def test_a_stream_held_since_then_waits(engine, sink):
    prepared = sink.prepare(batch())
    first = history(COUNT)[FIRST]
    row = {"offset": 1, "stream_id": first.stream_id, "reason": "bad", "parked_at": START}
    with engine.begin() as connection:
        held = put(parked, projection="counting", partition=0, position=1, **row)
        upserts.write(connection, [held])
    waits = [r for r in history(COUNT)[FIRST:] if r.stream_id == first.stream_id]
    assert sink.apply_all(batch(), prepared).parked == len(waits) > 0
    assert total(engine) == COUNT - len(waits)


def test_a_checkpoint_moved_back_by_hand_is_believed(engine, sink):
    prepared = sink.prepare(batch())
    with engine.begin() as connection:
        of = checkpoints.c.projection == "counting"
        connection.execute(update(checkpoints).where(of).values(position=FIRST - 1))
    with pytest.raises(Exception, match="counting has got to position 29"):
        sink.apply_all({0: batch()[0]}, prepared)
    assert places(engine)["naming"] == (FIRST, FIRST, FIRST, "live")
    assert total(engine) == FIRST


def test_a_state_changed_by_hand_is_believed(engine, sink):
    prepared = sink.prepare(batch())
    with engine.begin() as connection:
        of = checkpoints.c.projection == "counting"
        connection.execute(update(checkpoints).where(of).values(state=PAUSED))
    sink.apply_all(batch(), prepared)
    assert places(engine)["counting"] == (FIRST, FIRST, FIRST, PAUSED)
    assert total(engine) == FIRST


def test_a_value_that_the_database_refuses_is_parked_alone(engine, sink):
    good = history(COUNT)[FIRST:]
    odd = record(good[3].position, created(0, "negative", 9))
    found = {0: entries([*history(FIRST), *good[:3], odd, *good[4:]])[FIRST:]}
    prepared = sink.prepare(found)
    assert prepared is not None
    assert sink.apply_all(found, prepared) == Applied(COUNT - FIRST, 0, 1)
    assert total(engine) == COUNT - 1
    assert [(name, at) for name, at, _ in set_aside(engine)] == [("counting", odd.position)]
