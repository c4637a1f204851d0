"""Both databases are opened by the same rules, and a url that cannot work is refused at once."""

import asyncio
import threading
from datetime import datetime

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from infra.database import WrongUrl, checked, connect, connect_async

metadata = MetaData()
counters = Table(
    "counters",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", Integer, nullable=False),
)


@pytest.fixture
def engine(database):
    engine = connect(database)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(counters).values(name="one", value=0))
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nonsense", "the database url cannot be read"),
        ("postgresql://u:hidden@h/d", r"\*\*\*@h/d: postgresql is not supported"),
        ("mysql+mysqldb://u:hidden@h/d", r"\*\*\*@h/d: mysql\+mysqldb is not supported"),
        ("mysql+pymysql://u:hidden@h", "names no host or no database"),
        ("mysql+pymysql:///d", "names no host or no database"),
        ("sqlite://", "names no file, and threads cannot share a database in memory"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:////no/such/folder/store.sqlite", "the folder of that file does not exist"),
    ],
)
@pytest.mark.parametrize("open_", [connect, connect_async])
def test_a_url_that_cannot_work_is_refused_without_its_password(open_, url, why):
    with pytest.raises(WrongUrl, match=why) as caught:
        open_(url)
    assert "hidden" not in str(caught.value)


def test_the_short_mysql_url_means_our_driver():
    assert checked("mysql://u@h/d").drivername == "mysql+pymysql"


def test_a_transaction_is_whole(engine):
    def count_up_and_clash(connection):
        connection.execute(update(counters).values(value=1))
        connection.execute(insert(counters).values(name="one", value=2))

    with pytest.raises(IntegrityError), engine.begin() as connection:
        count_up_and_clash(connection)
    with engine.connect() as connection:
        assert connection.execute(select(counters.c.value)).scalar() == 0


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_is_committed(engine):
    with engine.begin() as writing:
        writing.execute(update(counters).values(value=1))
        with engine.connect() as reading:
            assert reading.execute(select(counters.c.value)).scalar() == 0
            writing.commit()
            assert reading.execute(select(counters.c.value)).scalar() == 1


def test_who_reads_for_update_and_then_writes_loses_nothing(engine):
    writers, each = 6, 15

    def count():
        for _ in range(each):
            with engine.begin() as connection:
                value = connection.execute(select(counters.c.value).with_for_update()).scalar()
                connection.execute(update(counters).values(value=value + 1))

    threads = [threading.Thread(target=count) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.execute(select(counters.c.value)).scalar() == writers * each


def test_who_only_looks_first_is_never_refused_the_write(engine):
    with engine.begin() as slow:
        slow.execute(select(counters.c.value)).all()
        with engine.begin() as quick:
            quick.execute(update(counters).values(value=5))
        slow.execute(update(counters).values(value=counters.c.value + 1))
    with engine.connect() as connection:
        assert connection.execute(select(counters.c.value)).scalar() == 6


def test_mysql_sessions_are_utc_strict_and_read_what_is_committed(mysql_database):
    engine = connect(mysql_database)
    variables = "@@time_zone, @@transaction_isolation, @@character_set_client"
    with engine.connect() as connection:
        assert connection.execute(text(f"SELECT {variables}")).one() == (
            "+00:00",
            "READ-COMMITTED",
            "utf8mb4",
        )
        instant = connection.execute(text("SELECT TIMESTAMP'2026-03-01 09:30:15.000001'"))
        assert instant.scalar() == datetime(2026, 3, 1, 9, 30, 15, 1)  # noqa: DTZ001
    engine.dispose()


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_sqlite_files_are_written_ahead_and_synced_as_asked(tmp_path, durable, level):
    engine = connect(f"sqlite:///{tmp_path / 'a.sqlite'}", durable=durable)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000
    engine.dispose()


def test_many_may_open_a_new_sqlite_file_at_once(tmp_path):
    url, failed = f"sqlite:///{tmp_path / 'new.sqlite'}", []

    def first_use():
        engine = connect(url)
        try:
            with engine.begin() as connection:
                metadata.create_all(connection)
        except Exception as error:  # noqa: BLE001
            failed.append(error)
        engine.dispose()

    threads = [threading.Thread(target=first_use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [error for error in failed if "already exists" not in str(error)] == []


def test_asyncio_code_reads_and_writes_by_the_same_rules(engine, database):
    async def use():
        aside = connect_async(database)
        async with aside.begin() as connection:
            await connection.execute(update(counters).values(value=7))
        async with aside.connect() as connection:
            await connection.execute(update(counters).values(value=8))
            await connection.rollback()
            value = (await connection.execute(select(counters.c.value))).scalar()
        await aside.dispose()
        return value

    assert asyncio.run(use()) == 7
