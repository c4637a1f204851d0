"""How many conversations are where, and how much there is to read: sums of few rows."""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Select, bindparam, cast, func, select

from projections import conversations as model
from projections.chat import NOBODY
from projections.inbox_counts import inbox_counts
from projections.tables import Id
from projections.workspaces import workspaces
from read_api.query import Endpoint, Part, in_workspace, one, part
from read_api.sharing import shared
from read_api.unread import UNREAD

_c = inbox_counts.c
_COUNT: Final = cast(func.sum(_c.conversations), BigInteger).label("conversations")


def _per(name: str, *columns: Column[Any]) -> Part:
    """The conversations by these columns; nobody and no team are null."""
    statement: Select[Any] = (
        select(*map(_shown, columns), _COUNT)
        .where(in_workspace(inbox_counts), shared(inbox_counts), _c.conversations > 0)
        .group_by(*columns)
        .order_by(*columns)
    )
    return part(name, statement)


def _shown(column: Column[Any]) -> Any:
    if column.name not in ("assignee_id", "team_id"):
        return column
    nobody = bindparam(None, NOBODY, type_=Id())
    return func.nullif(column, nobody, type_=Id()).label(column.name)


ENDPOINTS: tuple[Endpoint, ...] = (
    one(
        "/v1/inbox/counts",
        "How many conversations are where, and how many messages who asks has not seen",
        select(workspaces.c.workspace_id, UNREAD.label("unread")).where(in_workspace(workspaces)),
        model.projection,
        _per("statuses", _c.status),
        _per("assignees", _c.assignee_id, _c.status),
        _per("teams", _c.team_id, _c.status),
        _per("accounts", _c.account_id, _c.status),
        permission="conversations.read",
    ),
)
