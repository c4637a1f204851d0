"""Reads a MySQL answer's rows as bytes, column by column, without the driver's objects per row.

The driver takes 5 microseconds a row, more than all that the relay does with it afterwards.
"""

from typing import Any, Final

from pymysql.connections import MySQLResult
from pymysql.constants.COMMAND import COM_QUERY
from pymysql.protocol import MysqlPacket

_END, _LONGEST_END = 0xFE, 8
_ERROR: Final = 0xFF
_TWO_BYTES, _THREE_BYTES = 252, 253
"""Instead of a length below 251: that many bytes with the length follow."""


def rows(connection: Any, statement: str) -> list[Any]:
    """Tuples of bytes: the answer to a SELECT of columns that are never NULL."""
    connection._execute_command(COM_QUERY, statement.encode())  # noqa: SLF001
    result = _Rows(connection)
    result.read()
    return result.found


class _Rows(MySQLResult):  # type: ignore[misc]
    found: list[Any]

    def _read_rowdata_packet(self) -> None:
        receive = self.connection._read_bytes  # noqa: SLF001
        self.found = []
        while True:
            head = receive(4)
            data = receive(head[0] | head[1] << 8 | head[2] << 16)
            self.connection._next_seq_id = (head[3] + 1) % 256  # noqa: SLF001
            if data[0] == _END and len(data) <= _LONGEST_END:
                return
            if data[0] == _ERROR:
                MysqlPacket(data, self.connection.encoding).raise_for_error()
            self.found.append(_fields(data, self.field_count))


def _fields(data: bytes, columns: int) -> tuple[bytes, ...]:
    fields, at = [], 0
    for _ in range(columns):
        size = data[at]
        at += 1
        if size >= _TWO_BYTES:
            width = 2 if size == _TWO_BYTES else 3
            size = int.from_bytes(data[at : at + width], "little")
            at += width
        fields.append(data[at : at + size])
        at += size
    return tuple(fields)
