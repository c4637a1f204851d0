"""What screens are told at once: a small row for each change that one of them shows.

Campaigns are told of by one row each, the last place at which they moved, however many messages did.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any, Final, get_args

from sqlalchemy import BigInteger, Column, Index

from domain.account import AccountEvent
from domain.call import CallReported
from domain.campaign import CampaignAudienceQueued, CampaignEvent
from domain.contact import ContactAdded, ContactEvent, ContactJoinedGroup, ContactLeftGroup
from domain.contact_import import ImportEvent
from domain.conversation.events import ConversationEvent
from domain.file import FileEvent, FileShown, FileStored
from domain.ids import conversation_id
from domain.inbound.events import InboundEvent, InboundReacted
from domain.kernel import Event, Recorded
from domain.notices import notice_of
from domain.notification import NotificationRaised
from domain.session import SessionEnded
from domain.user import (
    NumberShared,
    NumberUnshared,
    UserPasswordChanged,
    UserRemoved,
    UserRestored,
    UserRoleChanged,
)
from domain.workspace import ApiKeyRevoked
from projections.columns import instant, key, link, passing, read_model, text
from projections.projection import Projection
from projections.rows import Row
from projections.tally import COUNTED, Tally

ACCESS: Final = "access"
"""Told to nobody: somebody's permissions may have changed, so streams are looked at again."""

live_items = passing(
    read_model(
        "live_items",
        key("workspace_id"),
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        text("topic", 16),
        text("kind", 48),
        text("status", 16),
        link("account_id"),
        link("conversation_id"),
        link("contact_id"),
        link("message_id"),
        link("campaign_id"),
        link("import_id"),
        link("user_id"),
        text("notice", 24),
        text("audience", 24),
        instant("at"),
        Index("ix_live_items_at", "at"),
    )
)

live_campaigns = read_model(
    "live_campaigns",
    key("workspace_id"),
    key("campaign_id"),
    link("account_id"),
    Column("position", BigInteger, nullable=False, server_default="0"),
    Index("ix_live_campaigns_position", "workspace_id", "position"),
)

_RIGHTS: Final = (
    UserRoleChanged,
    UserRemoved,
    UserRestored,
    UserPasswordChanged,
    NumberShared,
    NumberUnshared,
)
_ITEMS: Final = {
    **dict.fromkeys(get_args(ConversationEvent), "conversations"),
    **dict.fromkeys((*get_args(InboundEvent), CallReported, *COUNTED), "messages"),
    **dict.fromkeys(get_args(FileEvent), "messages"),
    **dict.fromkeys(get_args(CampaignEvent), "campaigns"),
    **dict.fromkeys((*get_args(ContactEvent), *get_args(ImportEvent)), "contacts"),
    **dict.fromkeys(get_args(AccountEvent), "numbers"),
    NotificationRaised: "notifications",
    **dict.fromkeys((ApiKeyRevoked, SessionEnded, *_RIGHTS), ACCESS),
}
"""The topic under which each kind of fact is told."""
_UNTOLD: Final = {CampaignAudienceQueued, ContactJoinedGroup, ContactLeftGroup, FileShown}
"""They come by the thousand, and the first kind moves its campaign instead; or a message tells it."""
TOPICS: Final[dict[type[Event], str]] = {
    kind: topic for kind, topic in _ITEMS.items() if kind not in _UNTOLD
}
_LINKS: Final = tuple(str(c.name) for c in live_items.c if c.name.endswith("_id"))[1:]


_MOVING: Final = COUNTED | {CampaignAudienceQueued}


class _Live(Projection):
    """Messages of campaigns ask for a row a batch, so they are gone through without a function."""

    @property
    def types(self) -> AbstractSet[type[Event]]:
        return self.handlers.keys() | _MOVING

    def rows(self, records: Sequence[Recorded], tally: Tally | None = None) -> list[Row]:
        del tally
        out, moved = super().rows(records), dict[int, tuple[Any, int]]()
        for recorded in records:
            event: Any = recorded.event
            if type(event) not in _MOVING:
                continue
            if event.campaign_id is None:
                out.append(item(event, recorded))
            else:
                moved[event.campaign_id.int] = (event, recorded.position)
        return out + [_moved(event, position) for event, position in moved.values()]


projection = _Live("live", live_items, live_campaigns)


def item(event: Event, recorded: Recorded) -> Row:
    """The row of one change: what it is about, and never what it says."""
    told: Any = event
    links = {name: found for name in _LINKS if (found := getattr(told, name, None)) is not None}
    if type(event) in COUNTED:
        links["conversation_id"] = conversation_id(told.account_id, told.contact_id)
    if isinstance(event, InboundReacted):
        links["message_id"] = event.target_id
    notice = notice_of(event)
    puts = {
        "topic": TOPICS[type(event)],
        "kind": kind_of(type(event)),
        "status": getattr(told, "status", ""),
        **dict.fromkeys(_LINKS),
        **links,
        "notice": notice.kind if notice else "",
        "audience": notice.audience if notice else "",
        "at": recorded.recorded_at,
    }
    return Row(live_items, (event.workspace_id, recorded.position), puts)


def added(event: ContactAdded, recorded: Recorded) -> list[Row]:
    """Those of a file are told of chunk by chunk."""
    return [] if event.source == "import" else [item(event, recorded)]


def fetched(event: FileStored, recorded: Recorded) -> list[Row]:
    """One that was uploaded is in no conversation yet."""
    return [] if event.message_id is None else [item(event, recorded)]


def _moved(event: Any, position: int) -> Row:
    key = (event.workspace_id, event.campaign_id)
    return Row(live_campaigns, key, {"account_id": event.account_id, "position": position})


@cache
def kind_of(type_: type[Event]) -> str:
    """`ConversationAssigned` is told as `conversation_assigned`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type_.__name__).lower()


projection.handlers |= dict.fromkeys(TOPICS.keys() - COUNTED, item)
projection.handlers |= {ContactAdded: added, FileStored: fetched}
