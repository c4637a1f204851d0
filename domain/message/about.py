"""What every fact about a message says: its ids, its status after it, the change in the counts."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from domain.message.commands import MessageCommand, QueueMessage, SuppressMessage
from domain.message.state import Message
from domain.message.status import Phase, change
from domain.months import month_of


class About(TypedDict):
    workspace_id: UUID
    message_id: UUID
    campaign_id: UUID | None
    contact_id: UUID
    account_id: UUID
    status: str
    newly: tuple[str, ...]
    no_longer: tuple[str, ...]
    failed_code: int
    month: int


def first(
    message: Message, command: QueueMessage | SuppressMessage, phase: Phase, now: datetime
) -> About:
    """For the fact that may be the message's first; then it says the month."""
    month = month_of(now) if message.phase == "absent" else message.month
    mark = "queued" if phase == "queued" else None
    return _about(message, command, command, phase, mark, month)


def about(
    message: Message, command: MessageCommand, phase: Phase, mark: str | None = None
) -> About:
    """For the fact that takes `message` to that phase and adds that mark."""
    return _about(message, command, message, phase, mark, message.month)


def _about(
    message: Message,
    command: MessageCommand,
    ids: Message | QueueMessage | SuppressMessage,
    phase: Phase,
    mark: str | None,
    month: int,
) -> About:
    marks = message.marks | {mark} if mark else message.marks
    changed = change(message.phase, message.marks, phase, marks)
    return About(
        workspace_id=command.workspace_id,
        message_id=command.message_id,
        campaign_id=ids.campaign_id,
        contact_id=ids.contact_id,
        account_id=ids.account_id,
        status=changed.status,
        newly=changed.newly,
        no_longer=changed.no_longer,
        failed_code=message.failed_code if "failed" in changed.no_longer else 0,
        month=month,
    )
