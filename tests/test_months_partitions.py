"""Partitions by month on MySQL: made ahead, by one, without anybody else noticing."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import typer
from sqlalchemy import make_url, text

from infra import months
from infra.cli.entry import CONFIGURATION_WRONG, in_one_line
from infra.database import connect
from infra.migrate import migrate_read
from infra.months import AHEAD, MOST, TABLES, MonthsPolicy, make_months
from infra.schema import MonthsNotMade
from infra.schema_lock import Busy, alone
from projections import upserts
from projections.messages import messages
from projections.rows import Row

NOW = datetime.now(UTC)
MARCH = datetime(2031, 3, 31, 23, 59, tzinfo=UTC)
DAY = timedelta(days=1)
WS = UUID(int=1)


@pytest.fixture
def read(mysql_database):
    migrate_read(mysql_database)
    engine = connect(mysql_database)
    yield engine
    engine.dispose()


def partitions(engine, table=messages.name):
    """Name -> upper bound, in their order."""
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT partition_name AS partition_name,"
                " partition_description AS partition_description FROM information_schema.partitions"
                " WHERE table_schema = DATABASE() AND table_name = :name"
                " ORDER BY partition_ordinal_position"
            ),
            {"name": table},
        )
        return {row.partition_name: row.partition_description for row in found}


def make(engine, now):
    with alone(engine, "read", 20) as connection:
        return make_months(connection, now)


def logged(n, month):
    return Row(messages, (WS, UUID(int=n), month), {"status": "queued", "version": 1})


def write(engine, *rows):
    with engine.begin() as connection:
        upserts.write(connection, rows)


def rows_in(engine, partition):
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT COUNT(*) FROM messages PARTITION ({partition})"))
        return found.scalar_one()


@pytest.fixture
def in_march(read):
    """As if it had been kept until that month: the last partition made is March's."""
    with read.begin() as connection:
        for table in TABLES:
            connection.execute(
                text(
                    f"ALTER TABLE {table} PARTITION BY RANGE (month)"
                    " (PARTITION past VALUES LESS THAN (203103),"
                    " PARTITION m203103 VALUES LESS THAN (203104),"
                    " PARTITION later VALUES LESS THAN MAXVALUE)"
                )
            )
    return read


def test_a_migrated_database_has_the_past_this_month_and_three_more(read):
    for table in TABLES:
        names = list(partitions(read, table))
        assert names[0] == "past"
        assert names[-1] == "later"
        assert len(names) == 1 + 1 + AHEAD + 1
        assert names[1] in {f"m{NOW:%Y%m}", f"m{datetime.now(UTC):%Y%m}"}


def test_months_are_made_as_the_clock_moves_on_and_only_then(in_march):
    assert [(m.table, m.months) for m in make(in_march, MARCH)] == [
        (table, (203104, 203105, 203106)) for table in TABLES
    ]
    assert make(in_march, MARCH) == []
    assert [m.months for m in make(in_march, MARCH + DAY)] == [(203107,)] * len(TABLES)
    for table in TABLES:
        assert list(partitions(in_march, table).items())[-2:] == [
            ("m203107", "203108"),
            ("later", "MAXVALUE"),
        ]
    write(in_march, logged(1, 203106))
    assert rows_in(in_march, "m203106") == 1


def test_a_clock_that_is_far_ahead_does_not_make_hundreds(read):
    made = make(read, NOW + 365 * 50 * DAY)
    assert [len(m.months) for m in made] == [MOST] * len(TABLES)


def test_a_clock_that_went_back_makes_nothing(read):
    assert make(read, NOW - 365 * 50 * DAY) == []


def test_rows_that_were_before_their_partition_move_there_and_it_says_so(in_march, caplog):
    write(in_march, logged(1, 203104), logged(2, 203104), logged(3, 203105), logged(4, 209901))
    policy = MonthsPolicy(in_march)
    with caplog.at_level(logging.INFO, "blazz.months"):
        assert policy.step(MARCH) == len(TABLES)
    made = "has partitions for 203104, 203105, 203106 now"
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"messages {made}; 3 rows were in later and moved"),
        ("INFO", f"contact_timeline {made}"),
    ]
    held = [rows_in(in_march, name) for name in ("m203104", "m203105", "later")]
    assert held == [2, 1, 1]


def test_a_day_is_looked_at_once(in_march):
    policy = MonthsPolicy(in_march)
    assert policy.step(MARCH) == len(TABLES)
    with in_march.connect() as connection:
        for table in TABLES:
            connection.execute(text(f"ALTER TABLE {table} DROP PARTITION m203106"))
    assert policy.step(MARCH) == 0
    assert policy.step(MARCH + DAY) == len(TABLES)


def test_several_at_once_make_them_once(in_march):
    policies = [MonthsPolicy(in_march) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda policy: policy.step(MARCH), policies))
    assert sorted(done) == [0, 0, 0, len(TABLES)]
    assert list(partitions(in_march))[-4:] == ["m203104", "m203105", "m203106", "later"]


def test_one_waits_while_another_changes_the_tables(read, caplog):
    policy = MonthsPolicy(read)
    with alone(read, "read", 0), caplog.at_level(logging.INFO, "blazz.months"):
        with pytest.raises(Busy), alone(read, "read", 0):
            pass
        assert policy.step(MARCH) == 0
    assert "trying again in" in caplog.text
    assert policy.step(MARCH) == 0, "it tries again only after a while"


@pytest.fixture
def guest(read):
    """The same database as a user who may read and write rows and nothing else."""
    name = f"guest_{read.url.database}"[-32:]
    with read.begin() as connection:
        connection.exec_driver_sql(f"CREATE USER {name} IDENTIFIED BY 'secret'")
        connection.exec_driver_sql(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{read.url.database}`.* TO {name}"
        )
    url = make_url(read.url).set(username=name, password="secret")
    engine = connect(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with read.begin() as connection:
        connection.exec_driver_sql(f"DROP USER {name}")


def test_who_may_not_alter_the_table_is_told_what_would_help(guest, caplog):
    with pytest.raises(MonthsNotMade, match=r"may not alter messages.*GRANT ALTER"):
        make(guest, MARCH)
    assert MonthsPolicy(guest).step(MARCH) == 0
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert caplog.records[0].exc_info is None


def test_a_migration_that_may_not_make_months_says_so_in_one_line(read, guest, capsys):
    with read.begin() as connection:
        connection.execute(
            text(f"ALTER TABLE messages DROP PARTITION {list(partitions(read))[-2]}")
        )
    with pytest.raises(typer.Exit) as ended, in_one_line():
        migrate_read(guest.url.render_as_string(hide_password=False))
    assert ended.value.exit_code == CONFIGURATION_WRONG
    assert capsys.readouterr().err.startswith("this user may not alter messages")


def test_who_may_not_alter_the_table_is_left_in_peace_while_nothing_is_missing(guest):
    assert make(guest, NOW) == []


def test_a_table_that_stays_in_use_is_named(read, monkeypatch):
    monkeypatch.setattr(months, "LOCK_WAIT_S", 1)
    with read.connect() as reader:
        reader.execute(text("SELECT COUNT(*) FROM messages"))
        with pytest.raises(MonthsNotMade, match="messages was in use for 1 s"):
            make(read, MARCH)
    assert make(read, MARCH)


def test_a_table_that_was_divided_otherwise_is_named(read):
    with read.connect() as connection:
        connection.execute(text("ALTER TABLE messages DROP PARTITION later"))
    with pytest.raises(MonthsNotMade, match="messages is not divided by month with later"):
        make(read, NOW)


def test_writers_do_not_notice_that_months_are_made(in_march):
    stop, failures, count = threading.Event(), [], [0, 0]

    def work(which):
        while not stop.is_set():
            count[which] += 1
            try:
                write(in_march, logged(count[which], 203104 + which), logged(7, 203103))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is noticed
                failures.append(error)

    threads = [threading.Thread(target=work, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for days in (0, 1, 31, 62):
        make(in_march, MARCH + days * DAY)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert min(count) > 0
    assert [rows_in(in_march, "m203104"), rows_in(in_march, "m203105")] == count
    assert rows_in(in_march, "m203103") == 1


def test_a_month_is_detached_as_the_handbook_says(in_march):
    """The statements in ARCHITECTURE.md, under months."""
    write(in_march, logged(1, 203103), logged(2, 203102))
    with in_march.connect() as connection:
        for statement in (
            "CREATE TABLE messages_203103 LIKE messages",
            "ALTER TABLE messages_203103 REMOVE PARTITIONING",
            "ALTER TABLE messages EXCHANGE PARTITION m203103 WITH TABLE messages_203103",
            "ALTER TABLE messages DROP PARTITION m203103",
        ):
            connection.execute(text(statement))
        kept = connection.execute(text("SELECT month FROM messages")).scalars().all()
        apart = connection.execute(text("SELECT month FROM messages_203103")).scalars().all()
    assert (kept, apart) == ([203102], [203103])
    assert make(in_march, MARCH)[0].months[0] == 203103, "made anew, if it is not over yet"
