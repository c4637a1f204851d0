"""What every fact about a conversation says: its ids, its state after it and before it."""

from typing import Literal, TypedDict
from uuid import UUID

from domain.conversation.commands import ConversationCommand
from domain.conversation.events import Status
from domain.conversation.state import Conversation


class About(TypedDict):
    workspace_id: UUID
    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    status: Status
    before: Status | Literal["absent"]
    assignee_id: UUID | None
    assigned_team_id: UUID | None


def about(
    conversation: Conversation, command: ConversationCommand, status: Status | None = None
) -> About:
    """For a fact after which it is in that state, or in the one it is in."""
    before = conversation.status
    return About(
        workspace_id=command.workspace_id,
        conversation_id=command.conversation_id,
        contact_id=conversation.contact_id,
        account_id=conversation.account_id,
        status=status or ("open" if before == "absent" else before),
        before=before,
        assignee_id=conversation.user_id,
        assigned_team_id=conversation.team_id,
    )
