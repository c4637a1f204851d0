"""Reads the rows of a MySQL answer as they arrive, many at a time, into plain tuples.

The driver takes 5 microseconds a row and as much for the description of every column: more than
all that is done with a fact afterwards. The parser is that of the other driver, written in C.
"""

from collections.abc import Callable
from typing import Any, Final

from asyncmy.protocol import parse_rows_from_buffer, skip_packets_from_buffer
from pymysql.constants import CR
from pymysql.constants.COMMAND import COM_QUERY
from pymysql.err import OperationalError
from pymysql.protocol import MysqlPacket

Kind = tuple[int, str, Any]
"""How the parser is told what becomes of a column."""
BYTES: Final[Kind] = (0, "", None)
NUMBER: Final[Kind] = (0, "", int)
TEXT: Final[Kind] = (1, "", None)

AT_ONCE: Final = 256 * 1024
HEAD: Final = 4
_END, _LONGEST_END, _ERROR = 0xFE, 8, 0xFF


def rows(connection: Any, statement: bytes, kinds: tuple[Kind, ...]) -> list[Any]:
    """The answer to one SELECT, a column of each kind. Raises the driver's errors."""
    connection._execute_command(COM_QUERY, statement)  # noqa: SLF001
    columns = connection._read_packet().read_length_encoded_integer()  # noqa: SLF001
    found: list[Any] = []
    whole(connection, lambda: _read(connection, columns, kinds, found))
    return found


def whole(connection: Any, read: Callable[[], MysqlPacket | None]) -> None:
    """Reads an answer to its end; raises what the server broke off with, if `read` returns that."""
    try:
        refusal = read()
    except BaseException:
        # The rest of the answer would be taken for that to the next question.
        connection._force_close()  # noqa: SLF001
        raise
    if refusal is not None:
        refusal.raise_for_error()


def _read(
    connection: Any, columns: int, kinds: tuple[Kind, ...], found: list[Any]
) -> MysqlPacket | None:
    """Fills `found`; what the server broke off with, if it did."""
    arrived, at, number = bytearray(), 0, connection._next_seq_id  # noqa: SLF001
    skip = columns + 1  # the columns' descriptions and the end of them
    while True:
        arrived += some(connection)
        if skip:
            at, number, skipped = skip_packets_from_buffer(arrived, at, len(arrived), number, skip)
            skip -= skipped
        if not skip:
            at, number = parse_rows_from_buffer(arrived, at, len(arrived), kinds, number, found)
        if last := _whole_packet(arrived, at):
            if last[0] == _ERROR:
                return MysqlPacket(last, connection.encoding)
            if skip or last[0] != _END or len(last) > _LONGEST_END:
                raise OperationalError(CR.CR_SERVER_LOST, "the answer's packets are out of order")
            return None
        del arrived[:at]
        at = 0


def some(connection: Any) -> bytes:
    """What has arrived, once something has."""
    try:
        data: bytes = connection._rfile.read1(AT_ONCE)  # noqa: SLF001
    except OSError as error:
        text = f"Lost connection to MySQL server during query ({error})"
        raise OperationalError(CR.CR_SERVER_LOST, text) from error
    if not data:
        text = "Lost connection to MySQL server during query"
        raise OperationalError(CR.CR_SERVER_LOST, text)
    return data


def _whole_packet(arrived: bytearray, at: int) -> bytes:
    """The packet at which the parser stopped; nothing if it has not arrived as a whole."""
    end = at + HEAD + int.from_bytes(arrived[at : at + 3], "little")
    return bytes(arrived[at + HEAD : end]) if len(arrived) >= end else b""
