"""Who sees what belongs to a number: everybody, or agents only if it is shared with them."""

from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Table, bindparam, or_, select
from sqlalchemy.sql import visitors

from domain.access import Principal
from domain.notices import AUDIENCES
from projections.people import number_shares

NOBODY = UUID(int=0)
VIEWER = "viewer"


def viewing(principal: Principal) -> dict[str, Any]:
    """What statements about conversations bind: who asks, and whether all numbers are theirs."""
    sees_all = int(not principal.only_shared)
    reader_id = principal.user_id or principal.key_id or NOBODY
    told = [audience if audience in principal.permissions else "" for audience in AUDIENCES]
    return {
        VIEWER: principal.user_id or NOBODY,
        "sees_all": sees_all,
        "reader_id": reader_id,
        **{f"audience_{number}": audience or "nobody" for number, audience in enumerate(told)},
    }


def shared(table: Any) -> ColumnElement[bool]:
    """Of a number whose conversations the viewer may see."""
    allowed = (
        select(number_shares.c.account_id)
        .where(
            number_shares.c.workspace_id == bindparam("workspace_id"),
            number_shares.c.user_id == bindparam(VIEWER),
            number_shares.c.account_id == table.c.account_id,
        )
        .limit(1)
        # As a value, so that rows stay in the order in which they are walked.
        .correlate(table)
        .scalar_subquery()
    )
    return or_(bindparam("sees_all") == 1, allowed.is_not(None))


def insist_bound(what: str, statement: Select[Any]) -> None:
    """A statement that asks all workspaces does not start, nor one about conversations that does
    not ask who is asking.
    """
    parts = list(visitors.iterate(statement))
    binds = {part.key for part in parts if isinstance(part, BindParameter)}
    assert "workspace_id" in binds, f"{what} would cross workspaces"
    tables = [part for part in parts if isinstance(part, Table)]
    if any("conversation_id" in table.c or table.name.startswith("inbox_") for table in tables):
        assert VIEWER in binds, f"{what} would show conversations of numbers that are not shared"
