"""Whose a webhook's numbers, message ids and templates are, looked up for many items at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Connection, Engine, select

from commands.policies.session_ports import Sent
from commands.policies.waha_doubts import Doubt, is_it, open_doubts
from commands.policies.waha_items import OwnMessage
from commands.policies.webhook_items import (
    Item,
    NotUnderstood,
    NumberReport,
    ReactionItem,
    StatusReport,
    TemplateReport,
)
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
    provider: str = "cloud_api"


class Directory:
    """What is known of the things that some items name."""

    def __init__(self, read: Engine, items: Collection[Item]) -> None:
        named = [item for item in items if not isinstance(item, NotUnderstood)]
        phones = {p for item in named if (p := getattr(item, "phone_number_id", ""))}
        wabas = {item.waba_id for item in items if isinstance(item, TemplateReport)}
        wabas |= {w for item in items if isinstance(item, NumberReport) for w in item.waba_ids}
        wamids = {i.wamid for i in items if isinstance(i, StatusReport) and own_message(i) is None}
        wamids |= {item.target for item in items if isinstance(item, ReactionItem)}
        wamids |= {item.wamid for item in items if isinstance(item, OwnMessage)}
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
            for row in _rows(connection, [m.wamid, m.account_id, m.message_id], wamids):
                self.by_wamid[row.account_id, row.wamid] = row.message_id
            columns = [t.provider_template_id, t.workspace_id, t.template_id]
            for row in _rows(connection, columns, provider_ids):
                self.templates[row.provider_template_id].append((row.workspace_id, row.template_id))
            self._doubts = self._open_doubts(connection, items)

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

    def _open_doubts(self, connection: Connection, items: Collection[Item]) -> list[Doubt]:
        """On the numbers of messages that left over WAHA's API and are not known as ours."""
        sessions = {item.phone_number_id for item in items if isinstance(item, OwnMessage)}
        named = {self.numbers[name].account_id for name in sessions if name in self.numbers}
        return open_doubts(connection, named) if named else []

    def doubt(self, account_id: UUID, chat: str, sent: Sent) -> Doubt | None:
        """The one that this resolves; it is no doubt any more."""
        for doubt in self._doubts:
            if (doubt.account_id, doubt.chat) == (account_id, chat) and is_it(doubt, sent):
                self._doubts.remove(doubt)
                return doubt
        return None


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
