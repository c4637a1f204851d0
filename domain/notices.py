"""Which facts people must be told of, in which words, and who: derived, so no fact says it twice."""

from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from domain.access import Permission, Principal
from domain.campaign.events import CampaignCompleted, CampaignFailed
from domain.conversation.events import ConversationAssigned
from domain.kernel import Event
from domain.notification import NotificationRaised, Priority

NOTICED: Final[tuple[type[Event], ...]] = (
    NotificationRaised,
    ConversationAssigned,
    CampaignCompleted,
    CampaignFailed,
)
"""The kinds of facts that may be a notification; each of them is one at most."""

_SHORT, _LONG = timedelta(days=7), timedelta(days=30)
AUDIENCES: Final[tuple[Permission, ...]] = ("numbers.manage", "campaigns.send")
"""Some notifications are for everybody who holds one of these."""
_NUMBERS, _CAMPAIGNS = AUDIENCES
_NAMED: Final[dict[str, Permission]] = {"administrators": _NUMBERS}


class Notice(NamedTuple):
    """For the one `user_id`, or else for everybody who holds the permission `audience`."""

    kind: str
    title: str
    reason: str
    priority: Priority
    kept: timedelta
    """So long for those who are away."""
    audience: str = ""
    user_id: UUID | None = None


def notice_of(event: Event) -> Notice | None:
    """What people are told of the fact. Who assigns a conversation to themselves is told nothing."""
    match event:
        case NotificationRaised():
            audience = _NAMED[event.audience]
            return Notice(event.kind, event.title, event.reason, event.priority, _LONG, audience)
        case ConversationAssigned() if event.user_id is not None and event.user_id != event.by:
            title, reason = "A conversation was assigned to you", f"by {_HOW[event.how]}"
            kind = "conversation_assigned"
            return Notice(kind, title, reason, "normal", _SHORT, user_id=event.user_id)
        case CampaignCompleted():
            reason = f"{event.recipients} recipients are accounted for"
            title = "A campaign is complete"
            return Notice("campaign_completed", title, reason, "low", _SHORT, _CAMPAIGNS)
        case CampaignFailed():
            title = "A campaign has failed"
            return Notice("campaign_failed", title, event.reason, "high", _LONG, _CAMPAIGNS)
        case _:
            return None


def is_for(notice: Notice, principal: Principal) -> bool:
    """Whether they are among those who are told."""
    if notice.user_id is not None:
        return notice.user_id == principal.user_id
    return notice.audience in principal.permissions


def notification_id(position: int) -> UUID:
    """A notification is named after the place of its fact, so that names sort by age."""
    return UUID(int=position)


def position_of(notification: UUID) -> int:
    """The place of the fact that a notification tells of."""
    return notification.int


_HOW: Final[dict[Any, str]] = {
    "manual": "a colleague",
    "round_robin": "turns",
    "rule": "a rule",
}
