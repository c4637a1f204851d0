"""What a database error means for the batch that met it: try again, look for the culprit, give up.

Errors are told apart by their numbers, so no driver is imported here.
"""

from typing import Final, Literal

from sqlalchemy.exc import DBAPIError

Fault = Literal["transient", "data", "other"]

LOST: Final = frozenset({0, 1053, 1927, 2002, 2003, 2006, 2013, 2014, 2055, 3169, 4031})
"""The connection is gone or cannot be had."""
BUSY: Final = frozenset({1040, 1203, 1205, 1213, 1290, 1836, 3572})
"""Deadlock, lock wait, too many connections, read-only while a server changes its role."""
DATA: Final = frozenset(
    {1048, 1062, 1153, 1264, 1265, 1292, 1364, 1366, 1367, 1406, 1411, 1441, 1451, 1452}
    | {1526, 1690, 3140, 3819, 4025}
)
"""A value does not fit its column: null, range, length, format, uniqueness, check."""
SQLITE_BUSY: Final = frozenset({5, 6})
SQLITE_DATA: Final = frozenset({18, 19, 20})
_PRIMARY: Final = 0xFF


class Unwritable(ValueError):
    """A row holds a value that its column cannot take; found before the database was asked."""


def fault_of(error: BaseException) -> Fault:
    """Which of the three it is."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    if isinstance(error, (Unwritable, UnicodeEncodeError, OverflowError)):
        return "data"
    if (sqlite_code := getattr(error, "sqlite_errorcode", None)) is not None:
        primary = sqlite_code & _PRIMARY
        return (
            "transient" if primary in SQLITE_BUSY else "data" if primary in SQLITE_DATA else "other"
        )
    if isinstance(error, (ConnectionError, TimeoutError)):
        return "transient"
    code = error.args[0] if error.args else None
    if not isinstance(code, int) or type(error).__module__.partition(".")[0] == "builtins":
        return "other"
    if code in LOST or code in BUSY:
        return "transient"
    return "data" if code in DATA else "other"


def is_lost(error: BaseException) -> bool:
    """The connection that raised it must not be used again."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    code = error.args[0] if error.args else None
    return isinstance(error, ConnectionError) or (
        getattr(error, "sqlite_errorcode", None) is None and isinstance(code, int) and code in LOST
    )
