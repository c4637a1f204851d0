"""What people of a workspace must be told, as a fact of the thing it is about."""

from typing import Literal
from uuid import UUID

from domain.kernel import Event

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
