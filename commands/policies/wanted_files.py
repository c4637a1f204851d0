"""Which files are still to be fetched, oldest first, a page at a time. Given up ones have no place."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from domain.account import ProviderName
from projections.accounts import accounts
from projections.files import files_wanted


class Wanted(NamedTuple):
    """A file that came with a message, as its webhook told of it."""

    workspace_id: UUID
    file_id: UUID
    message_id: UUID
    conversation_id: UUID
    account_id: UUID
    media_id: str
    url: str
    mime_type: str
    sha256: str
    filename: str
    at: datetime
    position: int
    provider: ProviderName


_w, _a = files_wanted.c, accounts.c
wanted_statement: Final = (
    select(*(_w[name] for name in Wanted._fields if name != "provider"), _a.provider)
    .join(accounts, and_(_a.workspace_id == _w.workspace_id, _a.account_id == _w.account_id))
    .where(_w.position > bindparam("behind"))
    .order_by(_w.position)
    .limit(bindparam("page"))
    # Of a short table MySQL would rather read and sort all there is.
    .with_hint(files_wanted, "FORCE INDEX (ix_files_wanted_position)", "mysql")
)


def wanted_behind(connection: Connection, position: int, most: int) -> list[Wanted]:
    """Those heard of after `position`."""
    found = connection.execute(wanted_statement, {"behind": position, "page": most})
    return [Wanted._make(row) for row in found]
