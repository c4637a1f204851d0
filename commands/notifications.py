"""Commands on notifications: each reader marks for themselves what they have read."""

from typing import Final
from uuid import UUID

from commands.bodies import Body
from commands.command import Command, Intent, Wanted
from commands.streams import Ask
from commands.texts import NotificationId
from domain.access import FieldError, Problem
from domain.ids import show
from domain.notices import is_for, notice_of, position_of
from domain.notification import ReadNotification, ReadNotifications, reading, reading_id
from domain.refusals import not_found
from domain.wire import decode

LAST_POSITION: Final = 2**63 - 1


class Through(Body):
    through: NotificationId


def reader_of(wanted: Wanted) -> UUID:
    """The person who asks, or the key."""
    found = wanted.principal.user_id or wanted.principal.key_id
    assert found is not None, "whoever passed the door has one of the two"
    return found


def _acknowledge_notification(wanted: Wanted) -> Intent:
    id_ = wanted.ids["notification_id"]
    if not _told(wanted, id_):
        raise not_found("notification", id_)
    about = {"workspace_id": wanted.workspace_id, "reader_id": reader_of(wanted)}
    return _asked(wanted, ReadNotification(**about, notification_id=id_))


def _acknowledge_notifications(wanted: Wanted) -> Intent:
    id_: UUID = wanted.body.through
    if not _told(wanted, id_):
        detail = f"there is no notification {show('notification', id_)}"
        error = FieldError(pointer="/through", code="unknown", detail=detail)
        raise Problem(422, "invalid", "not acceptable: /through", errors=[error])
    about = {"workspace_id": wanted.workspace_id, "reader_id": reader_of(wanted)}
    return _asked(wanted, ReadNotifications(**about, through=id_))


def _asked(wanted: Wanted, command: ReadNotification | ReadNotifications) -> Intent:
    stream_id = reading_id(wanted.workspace_id, command.reader_id)
    return Intent("reading", stream_id, [Ask(reading, stream_id, command, wanted.expected)])


def _told(wanted: Wanted, id_: UUID) -> bool:
    """Whether the fact after which it is named is one that they are told of."""
    at = position_of(id_)
    found = wanted.streams.store.read(at - 1, 1) if 0 < at <= LAST_POSITION else []
    if not found or found[0].workspace_id != wanted.workspace_id:
        return False
    notice = notice_of(decode(found[0]).event)
    return notice is not None and is_for(notice, wanted.principal)


COMMANDS: Final = (
    Command(
        "POST",
        "/v1/notifications/{notification_id}/read",
        "Mark a notification as read",
        _acknowledge_notification,
        "notifications.read",
        ids={"notification_id": "notification"},
    ),
    Command(
        "POST",
        "/v1/notifications/read",
        "Mark all notifications up to one as read",
        _acknowledge_notifications,
        "notifications.read",
        body=Through,
    ),
)
