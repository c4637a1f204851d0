"""How a column of a read model looks in JSON: value and schema, decided once per statement."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, Column, ColumnElement, Date, Integer, Numeric, Select

from domain.ids import PREFIXES
from projections.accounts import accounts
from projections.calls import calls
from projections.campaigns import campaigns
from projections.contacts import contacts
from projections.files import files
from projections.rules import rules
from projections.tables import Id, Instant
from projections.teams import teams
from projections.transcript_tables import message_edits, transcript
from read_api.source import Rows
from read_api.structures import STRUCTURES, Shown, id_schema

# The columns themselves: in the dashboard, `opted_out` and `blocked` are numbers of people.
FLAGS: frozenset[Column[Any]] = frozenset(
    {
        *(contacts.c.opted_out, contacts.c.blocked, contacts.c.deleted, campaigns.c.audience_done),
        *(transcript.c.from_phone, transcript.c.automatic, message_edits.c.superseded),
        *(calls.c.video, teams.c.deleted, accounts.c.campaigns_allowed, rules.c.enabled),
        *(accounts.c.read_receipts, files.c.gone),
    }
)
_MEANS: Final[Mapping[str, str]] = {
    "assignee_id": "user",
    "author_id": "user",
    "id": "file",
    "last_message_id": "message",
    "reaction_id": "message",
}
"""What columns are ids of that are not called so."""


class Field(NamedTuple):
    """A name, how a value that is there is made ready for orjson (None: as it is), its schema."""

    name: str
    ready: Callable[[Any], Any] | None
    schema: dict[str, Any]


def _shown(prefix: str) -> Callable[[bytes], str]:
    head = f"{prefix}_"
    return lambda value: head + value.hex()


def _structure(name: str, shown: Shown) -> Field:
    """Null where the fact that fills it is not applied yet."""
    show, schema_ = shown
    return Field(name, show, {**schema_, "type": [schema_["type"], "null"]})


def _nullable(column: ColumnElement[Any]) -> bool:
    return bool(getattr(column, "nullable", True))


def _of(name: str, column: ColumnElement[Any]) -> Field:
    kind = _MEANS.get(name, name).removesuffix("_id")
    optional = _nullable(column)

    def typed(type_: str, **more: Any) -> dict[str, Any]:
        return {"type": [type_, "null"] if optional else type_, **more}

    if isinstance(column.type, Id):
        return Field(name, _shown(PREFIXES[kind]), {**id_schema(kind), **typed("string")})
    if column in FLAGS or isinstance(column.type, Boolean):
        return Field(name, bool, {"type": "boolean"})
    if name in STRUCTURES:
        return _structure(name, STRUCTURES[name])
    if isinstance(column.type, Instant):
        return Field(name, None, typed("string", format="date-time"))
    if isinstance(column.type, Date):
        return Field(name, None, typed("string", format="date"))
    if isinstance(column.type, Integer):
        return Field(name, None, typed("integer"))
    if isinstance(column.type, Numeric):
        return Field(name, None, typed("number"))
    return Field(name, None, typed("string"))


class Shape:
    """The fields of a statement's rows, in its order."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self.names = tuple(field.name for field in fields)
        self.records: Callable[[Rows], list[dict[str, Any]]] = _maker(self.fields)
        """Rows, as the source gives them, as objects."""

    def stored(self, row: Sequence[Any], column: Column[Any]) -> Any:
        """A column's value in a row, as statements bind it."""
        return stored(row[self.names.index(str(column.name))], column)


def _maker(fields: Sequence[Field]) -> Callable[[Rows], list[dict[str, Any]]]:
    """Code for just these fields: objects whose names it knows take half as long to make."""
    known: dict[str, Any] = {f"ready{n}": field.ready for n, field in enumerate(fields)}
    pairs = ", ".join(f"{field.name!r}: {_value(n, field)}" for n, field in enumerate(fields))
    values = "".join(f"v{n}, " for n in range(len(fields)))
    code = f"def made(rows): return [{{{pairs}}} for {values}in rows]"
    exec(code, known)  # noqa: S102 - of our own columns' names
    made: Callable[[Rows], list[dict[str, Any]]] = known["made"]
    return made


def _value(n: int, field: Field) -> str:
    """What is not there stays null, but for flags, which are down then."""
    if field.ready is None:
        return f"v{n}"
    ready = f"ready{n}(v{n})"
    return ready if field.ready is bool else f"None if v{n} is None else {ready}"


def stored(value: Any, column: Column[Any]) -> Any:
    """A column's value as the source gives it, as statements bind it."""
    return UUID(bytes=value) if isinstance(column.type, Id) else value


def shape_of(statement: Select[Any]) -> Shape:
    """The fields a statement answers with. `…_count` columns lose that ending."""
    columns = statement.selected_columns
    named = zip(columns.keys(), columns, strict=True)
    return Shape([_of(str(name).removesuffix("_count"), column) for name, column in named])


def schema(shape: Shape, **more: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of such an object, with further properties."""
    properties = {field.name: field.schema for field in shape.fields} | more
    return {"type": "object", "properties": properties, "required": list(properties)}


_RUN: frozenset[str] = frozenset("=+-@\t\r")


def text(value: Any) -> str:
    """A value as a CSV cell. Cells that a spreadsheet would run as a formula are defused."""
    if value is None:
        return ""
    if type(value) is not str:
        value = _plain(value)
    return f"'{value}" if value[:1] in _RUN else value


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None).isoformat()}Z"
    return value.isoformat() if isinstance(value, date) else str(value)
