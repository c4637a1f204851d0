"""What somebody has not read: what came since they began to read the number, less what they saw.

Of a key, which is nobody, all is unread; so it is of somebody no beginning is known of.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, case, cast, func, select

from projections.chat import NOBODY
from projections.conversation_marks import conversation_eras, read_markers
from projections.conversations import conversations
from projections.inbox_counts import inbox_readers, inbox_received, inbox_seen
from projections.tables import Id
from read_api.query import in_workspace
from read_api.sharing import VIEWER, shared

_EVERY_NUMBER: Final = bindparam(None, NOBODY, type_=Id())
_c, _m = conversations.c, read_markers.c


def _since(account_id: Any) -> ColumnElement[int]:
    """The era from which on the viewer reads that number."""

    def begun(of: Any) -> Any:
        reader = inbox_readers.alias()
        found = select(reader.c.era).where(
            in_workspace(reader),
            reader.c.user_id == bindparam(VIEWER),
            reader.c.account_id == of,
        )
        return found.correlate(account_id.table).scalar_subquery()

    return func.coalesce(begun(account_id), begun(_EVERY_NUMBER), 0)


def _messages(table: Any, *which: ColumnElement[bool]) -> Any:
    """The sum over the numbers the viewer may see."""
    whole = func.coalesce(cast(func.sum(table.c.messages), BigInteger), 0)
    found = select(whole).where(in_workspace(table), shared(table), *which)
    return found.scalar_subquery()


UNREAD: Final = _messages(
    inbox_received, inbox_received.c.era >= _since(inbox_received.c.account_id)
) - _messages(
    inbox_seen,
    inbox_seen.c.user_id == bindparam(VIEWER),
    inbox_seen.c.era == _since(inbox_seen.c.account_id),
)
"""Of all numbers that the viewer may see."""

_own, _every = inbox_readers.alias("own"), inbox_readers.alias("every")
_SINCE: Final = func.coalesce(_own.c.era, _every.c.era, 0)


def _begun(reader: Any, account_id: Any) -> ColumnElement[bool]:
    return and_(
        reader.c.workspace_id == _c.workspace_id,
        reader.c.user_id == bindparam(VIEWER),
        reader.c.account_id == account_id,
    )


def beside_reader(rows: Any) -> Any:
    """Conversations, with how far the viewer has read each and since when."""
    marked = and_(
        _m.workspace_id == _c.workspace_id,
        _m.conversation_id == _c.conversation_id,
        _m.user_id == bindparam(VIEWER),
    )
    rows = rows.outerjoin(read_markers, marked)
    rows = rows.outerjoin(_own, _begun(_own, _c.account_id))
    return rows.outerjoin(_every, _begun(_every, _EVERY_NUMBER))


def _before() -> Any:
    """How many of a conversation's messages came before the viewer began."""
    eras = conversation_eras.c
    later = select(func.min(eras.before)).where(
        in_workspace(conversation_eras),
        eras.conversation_id == _c.conversation_id,
        eras.era >= _SINCE,
    )
    fewest = later.correlate(conversations, _own, _every).scalar_subquery()
    return case((_SINCE == 0, 0), else_=func.coalesce(fewest, _c.inbound_count))


_BEFORE: Final = _before()
_SEEN: Final = case((_m.since == _SINCE, _m.seen), else_=0)
UNREAD_HERE: Final = _c.inbound_count - case((_SEEN > _BEFORE, _SEEN), else_=_BEFORE)
"""Of a conversation of `beside_reader`."""
