"""What people of a workspace must be told, as a fact of the thing it is about; and what each has read.

A reader is a person, or a key. What they have read is a stream of its own: one for each reader.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec

from domain.ids import name_id
from domain.kernel import Command, Decider, Event

Priority = Literal["low", "normal", "high", "critical"]


class NotificationRaised(Event):
    """`audience`: everybody of the workspace who may change its numbers."""

    account_id: UUID
    kind: Literal["number_paused"]
    audience: Literal["administrators"]
    title: str
    reason: str
    priority: Priority


def number_paused(
    workspace_id: UUID, account_id: UUID, shown: str, reason: str
) -> NotificationRaised:
    """Nothing leaves from the number any more, and nobody of the workspace has asked for that."""
    return NotificationRaised(
        workspace_id=workspace_id,
        account_id=account_id,
        kind="number_paused",
        audience="administrators",
        title=f"Sending from {shown} has stopped",
        reason=reason,
        priority="critical",
    )


class NotificationRead(Event):
    reader_id: UUID
    notification_id: UUID


class NotificationsRead(Event):
    """All up to that one, in the order of their names."""

    reader_id: UUID
    through: UUID


ReadingEvent = NotificationRead | NotificationsRead


class ReadNotification(Command):
    reader_id: UUID
    notification_id: UUID


class ReadNotifications(Command):
    reader_id: UUID
    through: UUID


ReadingCommand = ReadNotification | ReadNotifications


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Everything up to `through` has been read, and those `besides`."""

    through: UUID = UUID(int=0)
    besides: frozenset[UUID] = frozenset()


def reading_id(workspace_id: UUID, reader_id: UUID) -> UUID:
    """The stream of what that reader has read."""
    return name_id(workspace_id, "reading", reader_id.hex)


def evolve(reading: Reading, event: ReadingEvent) -> Reading:
    match event:
        case NotificationRead():
            besides = reading.besides | {event.notification_id}
            return Reading(through=reading.through, besides=besides)
        case NotificationsRead():
            later = frozenset(one for one in reading.besides if one > event.through)
            return Reading(through=event.through, besides=later)
        case _:
            assert_never(event)


def decide(reading: Reading, command: ReadingCommand, now: datetime) -> Sequence[ReadingEvent]:
    """What is read already is not read again."""
    del now
    ids = {"workspace_id": command.workspace_id, "reader_id": command.reader_id}
    match command:
        case ReadNotification():
            known = command.notification_id in reading.besides
            if known or command.notification_id <= reading.through:
                return []
            return [NotificationRead(**ids, notification_id=command.notification_id)]
        case ReadNotifications():
            if command.through <= reading.through:
                return []
            return [NotificationsRead(**ids, through=command.through)]
        case _:
            assert_never(command)


reading: Decider[Reading, ReadingCommand, ReadingEvent] = Decider(
    "reading", Reading(), decide, evolve
)
