"""What people are told, kept for those who are away; what each of them has read."""

from typing import Final

from sqlalchemy import Index

from domain.kernel import Event, Recorded
from domain.notices import NOTICED, notice_of, notification_id
from domain.notification import NotificationRead, NotificationsRead
from projections.columns import instant, key, link, long_text, passing, read_model, text
from projections.projection import Projection
from projections.rows import Row, put

notifications = passing(
    read_model(
        "notifications",
        key("workspace_id"),
        key("notification_id"),
        text("kind", 24),
        long_text("title"),
        long_text("reason"),
        text("priority", 16),
        text("audience", 24),
        link("user_id"),
        link("account_id"),
        link("campaign_id"),
        link("conversation_id"),
        instant("created_at"),
        instant("expires_at"),
        Index("ix_notifications_expires", "expires_at"),
    )
)

notification_reads = passing(
    read_model(
        "notification_reads",
        key("workspace_id"),
        key("reader_id"),
        key("notification_id"),
        instant("read_at"),
    )
)

notification_readers = read_model(
    "notification_readers",
    key("workspace_id"),
    key("reader_id"),
    link("through"),
)
"""`through`: the last one of those that were all marked as read at once."""

projection = Projection("notifications", notifications, notification_reads, notification_readers)
_ABOUT: Final = ("account_id", "campaign_id", "conversation_id")


def raised(event: Event, recorded: Recorded) -> list[Row]:
    """Some kinds of facts are told of in some cases only."""
    notice = notice_of(event)
    if notice is None:
        return []
    return [
        put(
            notifications,
            workspace_id=event.workspace_id,
            notification_id=notification_id(recorded.position),
            kind=notice.kind,
            title=notice.title,
            reason=notice.reason,
            priority=notice.priority,
            audience=notice.audience,
            user_id=notice.user_id,
            **{name: getattr(event, name, None) for name in _ABOUT},
            created_at=recorded.recorded_at,
            expires_at=recorded.recorded_at + notice.kept,
        )
    ]


@projection.on
def read(event: NotificationRead, recorded: Recorded) -> Row:
    return put(
        notification_reads,
        workspace_id=event.workspace_id,
        reader_id=event.reader_id,
        notification_id=event.notification_id,
        read_at=recorded.recorded_at,
    )


@projection.on
def all_read(event: NotificationsRead, recorded: Recorded) -> Row:
    del recorded
    return put(
        notification_readers,
        workspace_id=event.workspace_id,
        reader_id=event.reader_id,
        through=event.through,
    )


projection.handlers |= dict.fromkeys(NOTICED, raised)
