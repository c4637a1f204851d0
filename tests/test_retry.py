"""A parked record can be tried again when its cause is gone; its stream keeps its order."""

import pytest

from domain.group import GroupCreated
from domain.kernel import Recorded
from domain.wire import UPCASTS
from projections.projection import Projection
from projections.retry import retry
from projections.rows import Row, add, put
from projections.sink import Sink
from tests.tallies import (
    column,
    created,
    entries,
    names,
    record,
    records,
    rows,
    set_aside,
    tally,
)


class Cure:
    """A projection that has a bug until it is cured."""

    def __init__(self):
        self.cured = False
        self.projection = Projection("curable", tally, names)

        @self.projection.on
        def counted(event: GroupCreated, recorded: Recorded) -> list[Row]:
            if event.name.startswith("bad") and not self.cured:
                raise ArithmeticError("not yet")
            ids = {"workspace_id": event.workspace_id}
            return [
                add(tally, **ids, groups_created=1),
                put(names, **ids, group_id=event.group_id, name=event.name),
            ]


@pytest.fixture
def cure(engine):
    cure = Cure()
    facts = records(
        created(0, "bad", 1),
        created(0, "good", 2),
        created(0, "later", 1),
        created(1, "bad too", 3),
        created(0, "last", 1),
    )
    Sink(engine, [cure.projection], 1).apply(0, entries(facts))
    assert len(set_aside(engine)) == 4
    return cure


def test_after_the_cure_all_are_applied_in_the_order_of_their_streams(engine, cure):
    cure.cured = True
    assert retry(engine, [cure.projection]) == (4, 0)
    assert set_aside(engine) == []
    assert column(engine, names, "name") == ["bad too", "good", "last"]
    assert sum(row[1] for row in rows(engine, tally)) == 5
    assert retry(engine, [cure.projection]) == (0, 0)


def test_without_a_cure_they_keep_their_places_with_the_new_reason(engine, cure):
    assert retry(engine, [cure.projection]) == (0, 4)
    reasons = [reason for *_, reason in set_aside(engine)]
    assert reasons[0] == "fails again in curable: ArithmeticError('not yet')"
    assert reasons[1] == "waits behind position 1"
    assert sum(row[1] for row in rows(engine, tally)) == 1


def test_one_stream_can_be_tried_alone(engine, cure):
    cure.cured = True
    assert retry(engine, [cure.projection], created(1, "", 3).group_id) == (1, 0)
    assert [at for _, at, _ in set_aside(engine)] == [1, 3, 5]


def test_what_comes_after_the_stream_is_free_flows_again(engine, cure):
    cure.cured = True
    retry(engine, [cure.projection])
    new = record(6, created(0, "new", 1), version=4)
    done = Sink(engine, [cure.projection], 1).apply(0, [entries([new])[0]._replace(offset=5)])
    assert done == (1, 0, 0)


def test_bytes_that_are_still_unreadable_stay(engine):
    projection = Cure().projection
    bad = record(1, created(), data=b"{")
    Sink(engine, [projection], 1).apply(0, entries([bad]))
    assert retry(engine, [projection]) == (0, 1)
    assert "GroupCreated cannot be read" in set_aside(engine)[0][2]


def test_an_event_of_the_future_waits_with_its_stream_for_the_code_that_knows_it(
    engine, monkeypatch
):
    """Nobody has to remember what was skipped: it is tried again after the upgrade."""
    projection = Cure().projection
    sink = Sink(engine, [projection], 1)
    found = records(created(0, "first", 1), created(0, "painted", 1), created(0, "last", 1))
    found[1] = found[1]._replace(type="GroupPainted")
    assert sink.apply(0, entries([*found, record(4, created(0, "other", 2))])) == (4, 0, 2)
    assert [reason for *_, reason in set_aside(engine)] == [
        "unknown event type 'GroupPainted'",
        "waits behind position 2",
    ]
    assert retry(engine, [projection]) == (0, 2)
    monkeypatch.setitem(UPCASTS, "GroupPainted", lambda said: said)
    assert retry(engine, [projection]) == (2, 0)
    assert column(engine, names, "name") == ["last", "other"]


def test_what_the_database_refuses_stays(engine, cure):
    negative = Projection("curable", tally)

    @negative.on
    def counted(event: GroupCreated, recorded: Recorded) -> Row:
        return add(tally, workspace_id=event.workspace_id, letters=-5)

    assert retry(engine, [negative]) == (0, 4)
    assert "letters_are_counted" in set_aside(engine)[0][2]
