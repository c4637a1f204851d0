"""Reads what MySQL says to statements that find no rows: for each of them a few bytes.

The driver makes ten calls and three objects of every answer, while the clients of the writer wait
for the interpreter: that took longer than the statements.
"""

from typing import Any, Final

from pymysql.constants import CR
from pymysql.constants.COMMAND import COM_QUERY
from pymysql.constants.SERVER_STATUS import SERVER_MORE_RESULTS_EXISTS
from pymysql.err import OperationalError
from pymysql.protocol import MysqlPacket

from infra.event_store.rows import HEAD, some, whole

_OK, _ERROR, _ONE_BYTE = 0x00, 0xFF, 251
_LONGER: Final = {252: 2, 253: 3, 254: 8}
"""How many bytes follow one that cannot be the number itself."""


def ids(connection: Any, statements: bytes) -> list[int]:
    """The LAST_INSERT_ID that each statement has set, or 0. Raises the driver's errors."""
    connection._execute_command(COM_QUERY, statements)  # noqa: SLF001
    found: list[int] = []
    whole(connection, lambda: _read(connection, found))
    return found


def _read(connection: Any, found: list[int]) -> MysqlPacket | None:
    """Fills `found`; what the server broke off with, if it did."""
    arrived, at = b"", 0
    while True:
        arrived, at = arrived[at:] + some(connection), 0
        while len(arrived) - at > HEAD:
            start = at + HEAD
            end = start + int.from_bytes(arrived[at : at + 3], "little")
            if end > len(arrived):
                break
            if arrived[start] == _ERROR:
                return MysqlPacket(arrived[start:end], connection.encoding)
            if arrived[start] != _OK or arrived[at + 3] != (len(found) + 1) & 0xFF:
                raise OperationalError(CR.CR_SERVER_LOST, "the answer's packets are out of order")
            number, more = _set(arrived, start + 1)
            found.append(number)
            if not more:
                return None
            at = end


def _set(packet: bytes, at: int) -> tuple[int, bool]:
    """The number set, and whether the answer to a further statement comes."""
    _, at = _number(packet, at)
    number, at = _number(packet, at)
    return number, bool(packet[at] & SERVER_MORE_RESULTS_EXISTS)


def _number(packet: bytes, at: int) -> tuple[int, int]:
    first = packet[at]
    if first < _ONE_BYTE:
        return first, at + 1
    end = at + 1 + _LONGER[first]
    return int.from_bytes(packet[at + 1 : end], "little"), end
