"""How a column of a read model looks in JSON: value and schema, decided once per statement."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    """A name, how its value is made ready for orjson (None: as it is), and its schema."""

    name: str
    ready: Callable[[Any], Any] | None
    schema: dict[str, Any]


def _shown(prefix: str) -> Callable[[bytes | None], str | None]:
    def ready(value: bytes | None) -> str | None:
        return None if value is None else f"{prefix}_{value.hex()}"

    return ready


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
        self._turned = [(at, f.ready) for at, f in enumerate(fields) if f.ready is not None]

    def records(self, rows: Rows) -> list[dict[str, Any]]:
        """Rows, as the source gives them, as objects. Column by column takes half the time."""
        if not rows:
            return []
        columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
        for at, ready in self._turned:
            columns[at] = map(ready, columns[at])
        names = self.names
        return [dict(zip(names, values)) for values in zip(*columns)]  # noqa: B905 - faster so

    def stored(self, row: Sequence[Any], column: Column[Any]) -> Any:
        """A column's value in a row, as statements bind it."""
        return stored(row[self.names.index(str(column.name))], column)


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
