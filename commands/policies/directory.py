"""Whose a webhook's numbers, message ids and templates are, looked up for many items at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Connection, Engine, select

from commands.policies.whatsapp_items import Item, NotUnderstood, StatusReport, TemplateReport
from domain import ids
from projections.accounts import accounts
from projections.messages import messages
from projections.templates import templates

IDS: Final = 500


class OwnNumber(NamedTuple):
    workspace_id: UUID
    account_id: UUID
    phone_number_id: str
    waba_id: str
    display_phone_number: str
    status: str
    quality: str


class Directory:
    """What is known of the things that some items name."""

    def __init__(self, read: Engine, items: Collection[Item]) -> None:
        named = [item for item in items if not isinstance(item, NotUnderstood)]
        phones = {p for item in named if (p := getattr(item, "phone_number_id", ""))}
        wabas = {w for item in named if (w := getattr(item, "waba_id", ""))}
        wamids = {i.wamid for i in items if isinstance(i, StatusReport) and own_message(i) is None}
        provider_ids = {
            i.provider_template_id
            for i in items
            if isinstance(i, TemplateReport) and i.provider_template_id
        }
        self.numbers: dict[str, OwnNumber] = {}
        self.of_waba: dict[str, list[OwnNumber]] = defaultdict(list)
        self.by_wamid: dict[tuple[UUID, str], UUID] = {}
        self.templates: dict[str, list[tuple[UUID, UUID]]] = defaultdict(list)
        with read.connect() as connection:
            self._numbers(connection, phones, wabas)
            m, t = messages.c, templates.c
            for row in _rows(connection, [m.wamid, m.workspace_id, m.message_id], wamids):
                self.by_wamid[row.workspace_id, row.wamid] = row.message_id
            columns = [t.provider_template_id, t.workspace_id, t.template_id]
            for row in _rows(connection, columns, provider_ids):
                self.templates[row.provider_template_id].append((row.workspace_id, row.template_id))

    def _numbers(self, connection: Connection, phones: set[str], wabas: set[str]) -> None:
        columns = [accounts.c[name] for name in OwnNumber._fields]
        for row in _rows(connection, columns, phones, by=accounts.c.phone_number_id):
            number = OwnNumber(*row)
            if number.status != "disconnected" or number.phone_number_id not in self.numbers:
                self.numbers[number.phone_number_id] = number
        for row in _rows(connection, columns, wabas, by=accounts.c.waba_id):
            number = OwnNumber(*row)
            if number.status != "disconnected":
                self.of_waba[number.waba_id].append(number)


def own_message(report: StatusReport) -> UUID | None:
    """The message id we sent along, if what came back is one; others send things along too."""
    return _message_id(report.callback)


@lru_cache(maxsize=4096)
def _message_id(callback: str) -> UUID | None:
    try:
        return ids.parse("message", callback)
    except ValueError:
        return None


def _rows(
    connection: Connection,
    columns: list[Column[Any]],
    values: Iterable[str],
    by: Column[Any] | None = None,
) -> Iterable[Any]:
    """Rows whose first column (or `by`) is one of the values."""
    wanted, key = list(values), columns[0] if by is None else by
    for start in range(0, len(wanted), IDS):
        some = wanted[start : start + IDS]
        yield from connection.execute(select(*columns).where(key.in_(some)))
