"""Rows of a rebuild as lines that MySQL loads: it takes less than it does for statements.

Loading leaves out what is there already and bends what does not fit. Whenever the server has done
either, the same rows are upserted, which puts them right or says what is wrong with them.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, LargeBinary, Table

from projections import upserts
from projections.changes import Changes
from projections.converters import Columns
from projections.lines import Group, in_pieces, lines_of
from projections.tables import Id
from projections.upserts import BYTES_A_STATEMENT, Statement, in_mysql, mysql_upsert

SMALLEST: Final = 30_000
"""Characters; for fewer, the second round trip takes longer than the statement does."""
PACKET: Final = 1 << 20
QUERY: Final = 0x03
"""The protocol's command for a statement."""
DISABLED: Final = frozenset({1148, 3948})
"""What a server says that does not load from its clients."""


class Lines(NamedTuple):
    """Rows with literals for the same columns: how they are upserted, and how they are loaded, if
    that comes to the same. `texts` are of a statement's size, a row a line.
    """

    head: str
    tail: str
    load: str
    number: int
    texts: list[str]

    def statements(self) -> Iterator[Statement]:
        """The upserts. A line break within a value is written as two characters."""
        for text in self.texts:
            rows = text.replace("\n", "),(")
            yield Statement(f"{self.head}({rows}){self.tail}")


def folded(changes: Changes) -> list[Statement | Lines]:
    """What carries the changes out, with what is put into MySQL as lines."""
    if changes.dialect != "mysql":
        return upserts.statements(changes)
    return upserts.statements(changes, _lines)


class Loading:
    """Loads, for one writer, what is new to its tables."""

    def __init__(self) -> None:
        self._refused = False
        self._met = set[str]()
        """Kinds of rows of which there was one before: the next ones are upserted at once."""

    def execute(self, connection: Connection, found: Iterable[Statement | Lines]) -> None:
        """Carry out all of it in its order, inside the connection's transaction."""
        waiting = list[Statement]()
        for one in found:
            if isinstance(one, Statement):
                waiting.append(one)
            elif not self._worth_it(one):
                waiting += one.statements()
            else:
                upserts.execute(connection, waiting)
                waiting = [] if self._loaded(connection, one) else list(one.statements())
        upserts.execute(connection, waiting)

    def _worth_it(self, lines: Lines) -> bool:
        if self._refused or not lines.load or lines.load in self._met:
            return False
        return sum(map(len, lines.texts)) >= SMALLEST

    def _loaded(self, connection: Connection, lines: Lines) -> bool:
        """False if they are still to be upserted."""
        try:
            taken = _load(connection.connection.dbapi_connection, lines)
        except Exception as error:
            if not error.args or error.args[0] not in DISABLED:
                raise
            self._refused = True
            return False
        if not taken:
            self._met.add(lines.load)
        return taken


def _load(raw: Any, lines: Lines) -> bool:
    """Whether the server has taken every line as it is. The driver would read a file for it."""
    raw._execute_command(QUERY, lines.load)  # noqa: SLF001
    raw._read_packet()  # noqa: SLF001 - it asks for the lines
    try:
        for text in lines.texts:
            data = f"{text}\n".encode()
            for start in range(0, len(data), PACKET):
                raw.write_packet(data[start : start + PACKET])
        raw.write_packet(b"")
    except BaseException:
        # The rest of the lines would be taken for the next question.
        raw._force_close()  # noqa: SLF001
        raise
    answer = raw._read_packet()  # noqa: SLF001
    answer.advance(1)
    count = answer.read_length_encoded_integer()
    answer.read_length_encoded_integer()
    answer.advance(2)
    return bool((count, answer.read_uint16()) == (lines.number, 0))


def _lines(table: Table, puts: Columns, adds: Columns, group: Group) -> list[Lines]:
    rows = lines_of(group, adds)
    load = "" if adds else _statement(table, puts)
    texts = ["\n".join(some) for some in in_pieces(rows, BYTES_A_STATEMENT)]
    return [Lines(*mysql_upsert(table, puts, adds), load, len(rows), texts)]


@cache
def _statement(table: Table, puts: Columns) -> str:
    """Bytes stand in a line as 0x and digits, as they do in a statement."""
    named, made = list[str](), list[str]()
    for name in (*[str(c.name) for c in table.primary_key], *puts):
        quoted = in_mysql(name)
        if isinstance(table.c[name].type, (Id, LargeBinary)):
            named.append(f"@{quoted}")
            made.append(f"{quoted} = UNHEX(SUBSTR(@{quoted}, 3))")
        else:
            named.append(quoted)
    setting = f" SET {', '.join(made)}" if made else ""
    return (
        f"LOAD DATA LOCAL INFILE 'rows' INTO TABLE {in_mysql(table.name)} CHARACTER SET utf8mb4"
        r" FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\'' ESCAPED BY '\\'"
        rf" LINES TERMINATED BY '\n' ({', '.join(named)}){setting}"
    )
