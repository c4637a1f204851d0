"""What a database error means for the transaction it ended."""

import sqlite3
from enum import Enum
from typing import Any, Final

import pymysql
from pymysql.constants import CR, ER

from commands.store import StoreUnavailable

ERRORS: Final = (sqlite3.Error, pymysql.err.Error, OSError)
"""Whatever the two drivers raise."""


class Fault(Enum):
    TAKEN = "a row with this key exists"
    AGAIN = "the database undid the transaction, again and again"
    LOST = "the connection broke"
    DOWN = "the database is away, full or read-only"
    OTHER = "an error of ours"


_AGAIN: Final = {
    ER.LOCK_DEADLOCK,
    ER.LOCK_WAIT_TIMEOUT,
    1317,  # the statement was interrupted
    3101,  # undone while committing, to keep replicas alike
}
_LOST: Final = {
    0,  # pymysql: the socket is closed already
    CR.CR_SERVER_GONE_ERROR,
    CR.CR_SERVER_LOST,
    2027,  # malformed packet
    2055,  # lost while reading
    ER.SERVER_SHUTDOWN,
    ER.NEW_ABORTING_CONNECTION,
    3169,  # the session was killed
    4031,  # disconnected for inactivity
}
_DOWN: Final = {
    CR.CR_CONNECTION_ERROR,
    CR.CR_CONN_HOST_ERROR,
    CR.CR_UNKNOWN_HOST,
    ER.CON_COUNT_ERROR,
    ER.DISK_FULL,
    ER.ERROR_ON_WRITE,
    ER.RECORD_FILE_FULL,
    ER.GET_ERRNO,
    ER.OPTION_PREVENTS_STATEMENT,
    1792,  # read-only transaction
    1836,  # read-only mode
    ER.ACCESS_DENIED_ERROR,
    ER.DBACCESS_DENIED_ERROR,
    ER.BAD_DB_ERROR,
}
_SQLITE_DOWN: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
}
_SQLITE_TAKEN: Final = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_PRIMARY_CODE: Final = 0xFF


def fault(error: BaseException) -> Fault:
    """Which of the faults this is."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _SQLITE_TAKEN:
            return Fault.TAKEN
        return Fault.DOWN if code & _PRIMARY_CODE in _SQLITE_DOWN else Fault.OTHER
    if isinstance(error, OSError):
        return Fault.LOST
    return _mysql_fault(error.args[0] if error.args else None)


def _mysql_fault(code: Any) -> Fault:
    if code == ER.DUP_ENTRY:
        return Fault.TAKEN
    for codes, found in ((_AGAIN, Fault.AGAIN), (_LOST, Fault.LOST), (_DOWN, Fault.DOWN)):
        if code in codes:
            return found
    return Fault.OTHER


def answer(found: Fault, error: BaseException, *, uncertain: bool = False) -> BaseException:
    """What the one who asked is told: an error of ours as it is, else that the store is away."""
    if found in {Fault.OTHER, Fault.TAKEN}:
        return error
    fate = "; whether the facts are stored is not known" if uncertain else ""
    return StoreUnavailable(f"the event store cannot answer: {found.value}{fate} ({error})")


def key_taken(error: BaseException) -> str:
    """The table, or table and column, whose key was taken: `events.stream_id`, `receipts.PRIMARY`.

    The name stands last in both databases' messages; what stands before it is anybody's text.
    """
    if isinstance(error, sqlite3.Error):
        return str(error).rpartition("failed: ")[2].split(",")[0].strip()
    return str(error.args[1]).rpartition("for key '")[2].rstrip("'")
