"""What the columns of a contact file mean, and what one of its rows says.

Header names are understood in English, Indonesian and German; a column with any other name is an
attribute of the contact.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

import pydantic
from pydantic import Field

from commands.bodies import Person
from commands.csv_text import FileRefused, Record
from commands.phones import PhoneRefused, normalise
from commands.texts import AttributeName, Name
from domain.contact_import import RowOutcome

COLUMNS: Final = 100
GROUPS: Final = 50
SHOWN: Final = 200
"""How much of a wrong value is kept for the report."""

_NAMES: Final[dict[str, str]] = {
    "phone": "phone phone_number phonenumber phone_no mobile mobile_phone mobile_number cell"
    " cellphone cell_phone telephone tel msisdn number whatsapp whatsapp_number wa wa_number"
    " telepon nomor_telepon no_telepon no_telp telp nomor nomor_hp no_hp hp handphone ponsel"
    " nomor_wa no_wa nomor_whatsapp no_whatsapp"
    " telefon telefonnummer handy handynummer mobil mobilnummer mobiltelefon rufnummer"
    " whatsapp_nummer",
    "first_name": "first_name firstname given_name nama_depan vorname",
    "last_name": "last_name lastname surname family_name nama_belakang nachname familienname",
    "name": "name full_name fullname contact_name nama nama_lengkap nama_kontak"
    " vollständiger_name voller_name kontaktname",
    "email": "email e_mail email_address mail surel alamat_email e_mail_adresse email_adresse",
    "language": "language lang bahasa sprache",
    "time_zone": "time_zone timezone zona_waktu zeitzone",
    "groups": "groups group grup kelompok gruppen gruppe",
}
_MEANINGS: Final = {word: field for field, words in _NAMES.items() for word in words.split()}
_ONE_LINE: Final = {"first_name", "last_name", "name", "email", "language", "time_zone"}


class Column(NamedTuple):
    """A column's name in the file, and the field it fills; "attributes" for all others."""

    name: str
    field: str


class Row(NamedTuple):
    """A usable row. Fields without text in the file are not in `fields`.

    `column` and `value` are the phone number as the file has it.
    """

    line: int
    phone: str
    fields: dict[str, str]
    attributes: dict[str, str]
    groups: tuple[str, ...]
    column: str = "phone"
    value: str = ""


class _Cells(Person):
    """What a row may hold beside the number: the same rules as in the API's bodies."""

    groups: Annotated[tuple[Name, ...], Field(max_length=GROUPS)] = ()


_attribute_name: Final = pydantic.TypeAdapter(AttributeName)


def columns(header: Record) -> list[Column]:
    """The meaning of every column. FileRefused if the file cannot be a contact file."""
    cells = [" ".join(cell.split()) for cell in header.cells]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > COLUMNS:
        message = f"line {header.line} has {len(cells)} columns; a file may have {COLUMNS}"
        raise FileRefused("too_many_columns", message)
    found = [_column(number, cell) for number, cell in enumerate(cells, 1)]
    _check_once(found)
    if "phone" not in {column.field for column in found}:
        raise FileRefused(
            "phone_column_missing",
            "no column for the phone number; the first line must name the columns, one of them "
            f"phone, telepon, no_hp, telefon or the like; found: {', '.join(cells)[:SHOWN]}",
        )
    return found


def _column(number: int, cell: str) -> Column:
    if not cell:
        raise FileRefused("column_unnamed", f"column {number} has no name in the first line")
    word = cell.casefold().strip(" *:").translate(str.maketrans(" -./", "____"))
    if field := _MEANINGS.get("_".join(filter(None, word.split("_")))):
        return Column(cell, field)
    try:
        return Column(_attribute_name.validate_python(cell), "attributes")
    except pydantic.ValidationError as error:
        reason = error.errors()[0]["msg"]
        message = f"column {number} cannot be an attribute, {cell[:SHOWN]!r}: {reason}"
        raise FileRefused("column_name_invalid", message) from None


def _check_once(found: Sequence[Column]) -> None:
    seen: dict[str, Column] = {}
    for column in found:
        meaning = column.name if column.field == "attributes" else f"\0{column.field}"
        if earlier := seen.get(meaning):
            raise FileRefused(
                "column_repeated",
                f"columns {earlier.name!r} and {column.name!r} mean the same; keep one of them",
            )
        seen[meaning] = column
    if name := seen.get("\0name"):
        for part in ("\0first_name", "\0last_name"):
            if other := seen.get(part):
                message = f"columns {name.name!r} and {other.name!r} both give a name; keep one"
                raise FileRefused("column_repeated", message)


def read_row(record: Record, meant: Sequence[Column], country: str) -> Row | RowOutcome:
    """The row's contents, or what is wrong with it."""
    surplus = next((cell for cell in record.cells[len(meant) :] if cell.strip()), None)
    if surplus is not None:
        reason = f"the row has {len(record.cells)} cells, the first line only {len(meant)}"
        return invalid(record.line, "", surplus, "too_many_cells", reason)
    cells = dict(zip(meant, record.cells, strict=False))
    number = next(column for column in meant if column.field == "phone")
    try:
        phone = normalise(cells.get(number, ""), country)
    except PhoneRefused as refused:
        return invalid(record.line, number.name, cells.get(number, ""), refused.code, str(refused))
    row = _checked(record.line, phone, cells)
    if isinstance(row, Row):
        return row._replace(column=number.name, value=cells[number])
    return row


def _checked(line: int, phone: str, cells: Mapping[Column, str]) -> Row | RowOutcome:
    given, attributes, groups = _sorted(cells)
    try:
        checked = _Cells.model_validate({**given, "attributes": attributes, "groups": groups})
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        column, value = _blamed(first["loc"], cells)
        return invalid(line, column, value, first["type"], first["msg"])
    fields = {name: str(getattr(checked, name)) for name in given}
    return Row(line, phone, fields, checked.attributes, tuple(dict.fromkeys(checked.groups)))


def _sorted(cells: Mapping[Column, str]) -> tuple[dict[str, str], dict[str, str], list[str]]:
    given: dict[str, str] = {}
    attributes: dict[str, str] = {}
    groups: list[str] = []
    for column, cell in cells.items():
        text = " ".join(cell.split()) if column.field in _ONE_LINE else cell.strip()
        if not text or column.field == "phone":
            continue
        if column.field == "groups":
            groups = [part for p in text.replace(";", "|").split("|") if (part := p.strip())]
        elif column.field == "attributes":
            attributes[column.name] = text
        elif column.field == "name":
            given["first_name"], _, given["last_name"] = text.partition(" ")
        else:
            given[column.field] = text
    return given, attributes, groups


def _blamed(place: tuple[int | str, ...], cells: Mapping[Column, str]) -> tuple[str, str]:
    field = str(place[0])
    for column, cell in cells.items():
        named = column.name == str(place[1]) if field == "attributes" and place[1:] else True
        whole = column.field == "name" and field in {"first_name", "last_name"}
        if (column.field == field and named) or whole:
            return column.name, cell
    return field, ""


def invalid(line: int, column: str, value: str, code: str, reason: str) -> RowOutcome:
    """A row that cannot be used, with the place and the cause."""
    return RowOutcome(
        line=line,
        outcome="invalid",
        column=column,
        value=value[:SHOWN],
        code=code,
        reason=reason[: 2 * SHOWN],
    )
