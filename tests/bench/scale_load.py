"""Loads the world of scale into read models: chunk by chunk, each in one transaction, by several
processes; what is loaded is remembered with it, so a run that was ended goes on where it was.
"""

import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pymysql
from sqlalchemy import Table

from domain.months import later
from infra.migrate import migrate_read
from projections.all import ALL
from projections.checkpoints import PARTITIONS
from projections.contacts import contact_words, contacts
from projections.conversations import conversations
from projections.daily import daily_analytics, daily_contacts
from projections.groups import group_members
from projections.message_words import message_words
from projections.messages import messages
from projections.tables import Id
from projections.timeline import contact_timeline
from projections.transcript_tables import transcript
from tests.bench.scale_chat import chat_rows
from tests.bench.scale_company import campaign_rows, company_rows, day_row, grouped
from tests.bench.scale_messages import sent
from tests.bench.scale_people import people_rows
from tests.bench.scale_reports import report_rows
from tests.bench.scale_talks import Talks, talks
from tests.bench.scale_world import DAYS, FIRST_DAY, Campaign, Chunk, Company, World

PROCESSES: Final = 2
INDEXED_LAST: Final = (
    *(contacts, group_members, messages),
    *(conversations, transcript),
)
"""Their indexes are built when all rows are there, which takes a fraction of the time."""
SORTED: Final = (
    *(messages, contact_timeline, group_members, contact_words),
    *(conversations, transcript, message_words),
)
"""Their lines are not made in the order of the key."""
_SESSION: Final = (
    "SET SESSION unique_checks = 0, foreign_key_checks = 0, time_zone = '+00:00',"
    " transaction_isolation = 'READ-COMMITTED', innodb_parallel_read_threads = 2,"
    " innodb_ddl_threads = 2, innodb_ddl_buffer_size = 268435456"
)
Lines = dict[Table, list[str]]
Tell = Callable[[int, int], None]


class OtherSize(Exception):
    """The database holds a world of another size."""


def connection(url: str) -> Any:
    """One that may send files."""
    parts = urlsplit(url)
    opened = pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=parts.username or "root",
        database=parts.path.strip("/"),
        charset="utf8mb4",
        local_infile=True,
    )
    opened.cursor().execute(_SESSION)
    return opened


def load(url: str, world: World, tell: Tell = lambda _done, _all: None) -> None:
    """Everything of the world that the database does not have yet; `tell` is told of progress."""
    migrate_read(url)
    chunks: list[Chunk | Talks] = [*world.chunks, *talks(world)]
    with connection(url) as opened:
        _prepare(opened.cursor(), world)
        there = _done(opened)
    work = [(url, world, chunk) for chunk in chunks if chunk.number not in there]
    done = len(chunks) - len(work)
    if len(work) == 1:
        _load_chunk(work[0])
        work = []
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=spawned) as pool:
        for n, _ in enumerate(pool.map(_load_chunk, work), done + 1):
            tell(n, len(chunks))
    with connection(url) as opened:
        _finish(opened, world)


def _prepare(cursor: Any, world: World) -> None:
    cursor.execute("SET GLOBAL local_infile = ON")
    cursor.execute("CREATE TABLE IF NOT EXISTS scale (chunk INT PRIMARY KEY, size DOUBLE NOT NULL)")
    cursor.execute("SELECT MIN(size), COUNT(*) FROM scale")
    size, chunks = cursor.fetchone()
    if chunks and size != world.size:
        raise OtherSize(f"this database holds the world of size {size:g}, not {world.size:g}")
    if chunks:
        return
    for table in (messages, contact_timeline):
        cursor.execute(_partitions(table))
    for table in INDEXED_LAST:
        there = _indexes(cursor, table)
        drops = [f"DROP INDEX {index.name}" for index in table.indexes if index.name in there]
        if drops:
            cursor.execute(f"ALTER TABLE {table.name} {', '.join(drops)}")
    cursor.execute("INSERT INTO scale VALUES (-1, %s)", (world.size,))
    cursor.connection.commit()


def _partitions(table: Table) -> str:
    """A partition for each month there is, made while the table is empty."""
    month, parts = later(month_of_day(FIRST_DAY), -1), []
    while month <= later(month_of_day(FIRST_DAY), DAYS // 30 + 2):
        parts.append(f"PARTITION m{month} VALUES LESS THAN ({later(month, 1)})")
        month = later(month, 1)
    parts.append("PARTITION later VALUES LESS THAN MAXVALUE")
    return f"ALTER TABLE {table.name} PARTITION BY RANGE (month) ({', '.join(parts)})"


def month_of_day(day: date) -> int:
    return day.year * 100 + day.month


def _indexes(cursor: Any, table: Table) -> set[str]:
    cursor.execute(f"SHOW INDEX FROM {table.name}")
    return {row[2] for row in cursor.fetchall()}


def _done(opened: Any) -> set[int]:
    cursor = opened.cursor()
    cursor.execute("SELECT chunk FROM scale")
    return {row[0] for row in cursor.fetchall()}


def _load_chunk(work: tuple[str, World, Chunk | Talks]) -> None:
    url, world, chunk = work
    lines: Lines = {}
    for rank in chunk.ranks:
        for table, some in _of(world.companies[rank], chunk).items():
            lines.setdefault(table, []).extend(some)
    for table in SORTED:
        lines.get(table, []).sort()
    with connection(url) as opened:
        cursor = opened.cursor()
        for table, some in lines.items():
            _send(cursor, table, some)
        cursor.execute("INSERT INTO scale VALUES (%s, %s)", (chunk.number, world.size))
        opened.commit()


def _of(company: Company, chunk: Chunk | Talks) -> Lines:
    """The company's lines of this chunk."""
    if isinstance(chunk, Talks):
        parts = [chat_rows(company, chunk.of(company))]
        if chunk.of(company).start == 0:
            parts += [people_rows(company), report_rows(company)]
        return grouped(chain(*parts))
    some = company.campaigns
    if chunk.campaigns is not None:
        some = company.campaigns[chunk.campaigns.start : chunk.campaigns.stop]
    out: Lines = {}
    if some[0].number == 0:
        out = grouped(company_rows(company))
    contact_ids = [company.of(3, n).hex for n in range(company.contacts)]
    days: dict[date, list[Campaign]] = {}
    for campaign in some:
        days.setdefault(campaign.day, []).append(campaign)
        for table, text in campaign_rows(company, campaign):
            out.setdefault(table, []).append(text)
    for day, made in days.items():
        _day(company, day, made, contact_ids, out)
    return out


def _day(
    company: Company, day: date, made: list[Campaign], contact_ids: list[str], out: Lines
) -> None:
    people: Counter[int] = Counter()
    stages: Counter[str] = Counter()
    for campaign in made:
        of = sent(company, campaign, contact_ids)
        out.setdefault(messages, []).extend(of.messages)
        out.setdefault(contact_timeline, []).extend(of.timeline)
        people.update(of.people)
        stages.update(of.stages)
    out.setdefault(daily_analytics, []).append(day_row(company, day, stages, made, len(people)))
    head = f"{company.id.hex}\t{day}"
    out.setdefault(daily_contacts, []).extend(
        f"{head}\t{contact_ids[n]}\t{people[n]}" for n in sorted(people)
    )


def _send(cursor: Any, table: Table, lines: list[str]) -> None:
    names, sets = [], []
    for column in table.c:
        is_id = isinstance(column.type, Id)
        names.append(f"@{column.name}" if is_id else f"`{column.name}`")
        if is_id:
            sets.append(f"`{column.name}` = UNHEX(@{column.name})")
    with tempfile.NamedTemporaryFile("w", suffix=f".{table.name}") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        cursor.execute(
            f"LOAD DATA LOCAL INFILE '{Path(file.name)}' INTO TABLE {table.name}"
            f" CHARACTER SET utf8mb4 ({', '.join(names)}) SET {', '.join(sets)}"
        )


def _finish(opened: Any, world: World) -> None:
    """Indexes, statistics, and how far the projections would be."""
    cursor = opened.cursor()
    for table in INDEXED_LAST:
        there = _indexes(cursor, table)
        adds = [
            f"ADD INDEX {index.name} ({', '.join(c.name for c in index.columns)})"
            for index in sorted(table.indexes, key=lambda index: str(index.name))
            if index.name not in there
        ]
        if adds:
            cursor.execute(f"ALTER TABLE {table.name} {', '.join(adds)}")
    cursor.executemany(
        "REPLACE INTO checkpoints (projection, version, `partition`, position, recorded_at,"
        " applied_at) VALUES (%s, %s, %s, %s, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        [
            (p.name, p.version, partition, len(world.companies) * 10**9)
            for p in ALL
            for partition in range(PARTITIONS)
        ],
    )
    opened.commit()
    names = dict.fromkeys(table.name for p in ALL for table in p.tables)
    cursor.execute(f"ANALYZE TABLE {', '.join(names)}")
    cursor.fetchall()
