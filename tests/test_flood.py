"""Bad records in floods are a fault of ours: the projector halts, and goes on when it is mended."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from projections.checkpoints import parked
from projections.digest import digest
from projections.flood import Flood, Flooded
from projections.rebuild import rebuild
from projections.retry import retry
from projections.sink import Applied, Sink
from tests.tallies import (
    Kept,
    by_partition,
    counting,
    created,
    cured,
    entries,
    names,
    naming,
    records,
    set_aside,
    tables_at,
    tally,
)

CAP = 5
TOO_MANY = 60


def sink_of(engine, cap=CAP, partitions=1):
    return Sink(engine, [naming, counting], partitions, flood=Flood(cap))


def events(*bad, count=TOO_MANY):
    """Each of a stream of its own; `bad` are the positions that nobody counts."""
    spelled = ["poison" if n in bad else f"name {n}" for n in range(1, count + 1)]
    return [created(n % 7, name, n) for n, name in enumerate(spelled)]


def facts(*bad, count=TOO_MANY):
    return records(*events(*bad, count=count))


def test_as_many_as_the_cap_are_set_aside_and_the_rest_flows(engine):
    done = sink_of(engine).apply(0, entries(facts(*range(10, 10 + CAP))))
    assert done == Applied(TOO_MANY, 0, CAP)


def test_one_more_is_the_end_and_all_before_it_is_applied(engine):
    sink = sink_of(engine)
    with pytest.raises(Flooded) as flooded:
        sink.apply(0, entries(facts(*range(20, 40, 2)), offset=100))
    assert sink.positions(0) == {"naming": 29, "counting": 29}
    assert [at for _, at, _ in set_aside(engine)] == [20, 22, 24, 26, 28]
    words = str(flooded.value)
    assert words.startswith(
        "6 records could not be applied to counting within a minute, the last one in partition 0 at"
        " offset 129: GroupCreated fails in counting: ArithmeticError('nobody counts poison')."
    )
    for way_on in ("`blazz parked list`", "`blazz parked retry`", "BLAZZ_PARKED_PER_MINUTE"):
        assert way_on in words


def test_a_restart_and_another_worker_count_what_was_set_aside_before(engine):
    parts = by_partition(facts(*range(1, TOO_MANY + 1, 3)), 4)
    with pytest.raises(Flooded):
        sink_of(engine, partitions=4).apply_all(parts)
    before = set_aside(engine)
    assert len(before) == CAP
    with pytest.raises(Flooded):
        sink_of(engine, partitions=4).apply_all(parts)
    assert set_aside(engine) == before


def test_a_minute_later_as_many_may_be_set_aside_again(engine):
    found = entries(facts(*range(20, 40, 2)))
    with pytest.raises(Flooded):
        sink_of(engine).apply(0, found)
    with engine.begin() as connection:
        earlier = datetime.now(UTC) - timedelta(seconds=61)
        connection.execute(update(parked).values(parked_at=earlier))
    assert sink_of(engine).apply(0, found) == Applied(31, 29, 5)


def test_what_waits_behind_a_bad_record_of_its_stream_does_not_count(engine):
    found = records(*(created(0, "poison" if n == 0 else "more", 1) for n in range(40)))
    assert sink_of(engine, cap=1).apply(0, entries(found)) == Applied(40, 0, 40)
    with engine.connect() as connection:
        behind = connection.scalars(select(parked.c.behind).order_by(parked.c.position)).all()
    assert behind == [None] + [1] * 39


def test_each_projection_has_a_cap_of_its_own(engine):
    unreadable = [one._replace(data=b"{") for one in facts(count=CAP)]
    assert sink_of(engine).apply(0, entries(unreadable)) == Applied(CAP, 0, 2 * CAP)


def test_after_the_cure_all_is_applied_in_order_and_equals_a_rebuild(engine, tmp_path):
    again = [created(n % 7, f"later {n}", n) for n in range(TOO_MANY)]
    found = records(*events(*range(3, 50, 3)), *again)
    with pytest.raises(Flooded):
        sink_of(engine).apply(0, entries(found))
    mended = Sink(engine, [naming, cured], 1, flood=Flood(CAP))
    assert mended.apply(0, entries(found)).parked == CAP  # they wait behind those set aside
    assert retry(engine, [naming, cured]) == (2 * CAP, 0)
    anew = tables_at(f"sqlite:///{tmp_path / 'anew.sqlite'}")
    rebuild(Kept(found), anew, [naming, cured], 1)
    assert digest(engine, [names, tally]) == digest(anew, [names, tally])
    anew.dispose()
