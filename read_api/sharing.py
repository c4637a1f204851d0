"""Who sees what belongs to a number: everybody, or agents only if it is shared with them."""

from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Table, bindparam, or_, select
from sqlalchemy.sql import visitors

from domain.access import Principal
from domain.notices import AUDIENCES
from projections.people import number_shares
from read_api.binding import insist_within

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


def shared_of(table: Any, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the row with that key is of a number whose conversations the viewer may see: asked
    once for a statement, not for each of its rows.
    """
    theirs = number_shares.alias("theirs")
    same = (theirs.c.workspace_id == table.c.workspace_id) & (
        theirs.c.account_id == table.c.account_id
    )
    seen = select(table.c.account_id).join(theirs, same)
    seen = seen.where(
        table.c.workspace_id == bindparam("workspace_id"),
        theirs.c.workspace_id == bindparam("workspace_id"),
        theirs.c.user_id == bindparam(VIEWER),
        *which,
    )
    return or_(bindparam("sees_all") == 1, seen.limit(1).scalar_subquery().is_not(None))


def sees_any() -> ColumnElement[bool]:
    """Whether there is any number at all that the viewer may see."""
    some = (
        select(number_shares.c.account_id)
        .where(
            number_shares.c.workspace_id == bindparam("workspace_id"),
            number_shares.c.user_id == bindparam(VIEWER),
        )
        .limit(1)
        .scalar_subquery()
    )
    return or_(bindparam("sees_all") == 1, some.is_not(None))


def insist_bound(what: str, statement: Select[Any]) -> None:
    """A statement that could cross workspaces does not start, nor one about conversations that does
    not ask who is asking: ValueError.
    """
    insist_within(statement, what)
    parts = list(visitors.iterate(statement))
    binds = {part.key for part in parts if isinstance(part, BindParameter)}
    tables = [part for part in parts if isinstance(part, Table)]
    about = any("conversation_id" in table.c or table.name.startswith("inbox_") for table in tables)
    if about and VIEWER not in binds:
        raise ValueError(f"{what} would show conversations of numbers that are not shared")
