"""One way to open a database, SQLite or MySQL, with the same rules on both: READ COMMITTED, a
write transaction that holds what it will change, UTC, bytes compared as bytes.
"""

import sqlite3
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pymysql.constants import CLIENT
from pymysql.constants.FIELD_TYPE import DATETIME
from pymysql.converters import conversions
from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from infra.sessions import ReadingSession, Session, keep

BUSY_S: Final = 10
POOL: Final = 8
ANSWER_S: Final = 300
"""A server that is silent for longer than this counts as lost."""
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""TLS is left out here unless the url asks for it; elsewhere it is used where the server has it."""

SESSION: Final = (
    "SET SESSION time_zone = '+00:00', transaction_isolation = 'READ-COMMITTED',"
    " innodb_lock_wait_timeout = 10, sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
)
EXAMPLES: Final = "sqlite:////var/lib/blazz/store.sqlite or mysql+pymysql://user@host:3306/blazz"


class WrongUrl(ValueError):
    """The database url cannot be used. The message says why, and never shows the password."""


def connect(url: str, *, durable: bool = True) -> Engine:
    """An engine over a bounded pool.

    Without `durable` a power cut may take the last commits of a SQLite file (never its order):
    right for what can be rebuilt.
    """
    parsed = checked(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_S}, **_pool())
        return _sqlite_rules(engine, durable=durable)
    rules = _mysql_rules(parsed)
    return keep(create_engine(parsed, pool_recycle=3600, connect_args=rules, **_pool()), Session)


def connect_reading(url: str) -> Engine:
    """An engine for whoever only looks, each statement for itself, without any word around it.

    On MySQL a statement whose connection has died is asked once more, and none can write.
    """
    parsed = checked(url)
    if parsed.get_backend_name() == "sqlite":
        return connect(url, durable=False)
    rules = _mysql_rules(parsed) | {"autocommit": True}
    rules["init_command"] += ", transaction_read_only = 1"
    engine = create_engine(parsed, pool_recycle=3600, connect_args=rules, **_pool())
    return keep(engine, ReadingSession)


def connect_alone(url: str) -> Engine:
    """An engine without a pool, for whoever keeps connections: several statements a round trip."""
    parsed = checked(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_S}, poolclass=NullPool)
        return _sqlite_rules(engine, durable=True)
    flags = CLIENT.FOUND_ROWS | CLIENT.MULTI_STATEMENTS
    return create_engine(
        parsed, connect_args={**_mysql_rules(parsed), "client_flag": flags}, poolclass=NullPool
    )


def connect_async(url: str) -> AsyncEngine:
    """The same database for asyncio code, by asyncmy or aiosqlite."""
    parsed = checked(url)
    if parsed.get_backend_name() == "sqlite":
        aside = parsed.set(drivername="sqlite+aiosqlite")
        engine = create_async_engine(aside, connect_args={"timeout": BUSY_S}, **_pool())
        _sqlite_rules(engine.sync_engine, durable=True)
        return engine
    rules = {"charset": "utf8mb4", "init_command": SESSION, "connect_timeout": BUSY_S}
    return create_async_engine(
        parsed.set(drivername="mysql+asyncmy"),
        pool_pre_ping=True,
        pool_recycle=3600,
        connect_args=rules,
        **_pool(),
    )


def checked(url: str) -> URL:
    """The url taken apart. WrongUrl if no database of ours can be behind it."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise WrongUrl(f"the database url cannot be read; expected {EXAMPLES}") from error
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername == "mysql":
        parsed = parsed.set(drivername="mysql+pymysql")
    if parsed.drivername not in {"sqlite", "mysql+pymysql"}:
        raise WrongUrl(f"{shown}: {parsed.drivername} is not supported; expected {EXAMPLES}")
    if parsed.drivername == "mysql+pymysql":
        if not parsed.host or not parsed.database:
            raise WrongUrl(f"{shown}: names no host or no database; expected {EXAMPLES}")
        return parsed
    if not parsed.database or parsed.database == ":memory:":
        raise WrongUrl(f"{shown}: names no file, and threads cannot share a database in memory")
    if not Path(parsed.database).absolute().parent.is_dir():
        raise WrongUrl(f"{shown}: the folder of that file does not exist")
    return parsed


def _pool() -> dict[str, int]:
    return {"pool_size": POOL, "max_overflow": POOL, "pool_timeout": BUSY_S}


def _mysql_rules(parsed: URL) -> dict[str, Any]:
    rules: dict[str, Any] = {
        "charset": "utf8mb4",
        "init_command": SESSION,
        "connect_timeout": BUSY_S,
        "read_timeout": ANSWER_S,
        "write_timeout": ANSWER_S,
        # The driver's own reading of instants takes longer than the rest of the row.
        "conv": {**conversions, DATETIME: datetime.fromisoformat},
        # The server may be sent lines of ours; the driver still refuses to read it a file.
        "client_flag": CLIENT.FOUND_ROWS | CLIENT.LOCAL_FILES,
    }
    if parsed.host in LOOPBACK and not any(name.startswith("ssl") for name in parsed.query):
        # It never leaves the machine, and a round trip takes a third less time without.
        rules["ssl_disabled"] = True
    return rules


def _sqlite_rules(engine: Engine, *, durable: bool) -> Engine:
    """Reads take no lock; the first statement that writes begins the transaction as a writer.

    So a transaction never finds out halfway that another one wrote first.
    """

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        _write_ahead(cursor)
        cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        cursor.execute("PRAGMA foreign_keys = ON")
        # Without this, INSERT OR REPLACE deletes a row behind its delete trigger's back.
        cursor.execute("PRAGMA recursive_triggers = ON")
        cursor.close()

    @event.listens_for(engine, "before_cursor_execute")
    def begin(
        connection: Any, cursor: Any, statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        if _only_reads(statement, context):
            return
        if not connection.connection.driver_connection.in_transaction:
            cursor.execute("BEGIN IMMEDIATE")

    return engine


def _write_ahead(cursor: Any) -> None:
    """Several first openers of a new file get in each other's way here, for a moment."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _only_reads(statement: str, context: Any) -> bool:
    compiled = context.compiled if context is not None else None
    if compiled is not None and compiled.statement is not None and compiled.statement.is_select:
        return getattr(compiled.statement, "_for_update_arg", None) is None
    return statement.lstrip()[:6].upper() in {"SELECT", "PRAGMA", "EXPLAI", "BEGIN ", "BEGIN"}
