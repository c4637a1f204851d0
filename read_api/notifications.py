"""What people are told, the newest first, and what of it whoever asks has read."""

from typing import Any, Final

from sqlalchemy import Boolean, Integer, Select, bindparam, case, func, or_, select, type_coerce

from domain.notices import AUDIENCES
from projections import notifications as model
from projections.notifications import notification_readers, notification_reads, notifications
from projections.streams import notification_deliveries
from read_api.filters import flag
from read_api.query import Endpoint, in_workspace, many
from read_api.sharing import VIEWER

_n: Final = notifications.c
_reader: Final = bindparam("reader_id", type_=notification_reads.c.reader_id.type)
_for_them: Final = or_(
    _n.user_id == bindparam(VIEWER),
    _n.audience.in_([bindparam(f"audience_{n}", type_=_n.audience.type) for n in range(2)]),
)
assert len(AUDIENCES) == 2, "as many are bound"  # noqa: PLR2004
_read: Final = or_(
    notification_reads.c.notification_id.is_not(None),
    _n.notification_id <= notification_readers.c.through,
)
unread: Final = case((_read, 0), else_=1)
attempts: Final = func.coalesce(notification_deliveries.c.attempts, 0)


def of_reader(*columns: Any) -> Select[Any]:
    """Notifications for whoever asks, each beside what they have read and been sent of it."""
    return (
        select(*columns)
        .select_from(notifications)
        .outerjoin(
            notification_reads,
            (notification_reads.c.workspace_id == _n.workspace_id)
            & (notification_reads.c.reader_id == _reader)
            & (notification_reads.c.notification_id == _n.notification_id),
        )
        .outerjoin(
            notification_readers,
            (notification_readers.c.workspace_id == _n.workspace_id)
            & (notification_readers.c.reader_id == _reader),
        )
        .outerjoin(
            notification_deliveries,
            (notification_deliveries.c.workspace_id == _n.workspace_id)
            & (notification_deliveries.c.reader_id == _reader)
            & (notification_deliveries.c.notification_id == _n.notification_id),
        )
        .where(in_workspace(notifications), _for_them)
    )


UNREAD: Final = flag(
    "unread", unread, "Only those that you have not read, or only those that you have."
)
_SHOWN: Final = [column for column in _n if column.name not in {"workspace_id", "audience"}]

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    many(
        "/v1/notifications",
        "What you have been told, newest first, until it expires",
        of_reader(
            *_SHOWN,
            type_coerce(unread, Boolean).label("unread"),
            type_coerce(attempts, Integer).label("deliveries"),
        ),
        model.projection,
        notifications.c.notification_id,
        UNREAD,
        permission="notifications.read",
        descending=True,
    ),
)
