"""Everything that happened with a contact, one row per fact, in the order of the log.

`detail` is a small JSON object; what a message said is found in the message log.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, get_args

from sqlalchemy import BigInteger, Column

from domain.contact import (
    ContactAdded,
    ContactBlocked,
    ContactChanged,
    ContactDeleted,
    ContactEvent,
    ContactJoinedGroup,
    ContactLeftGroup,
    ContactOptedIn,
    ContactOptedOut,
    ContactRestored,
    PreferenceReported,
    Profile,
)
from domain.ids import show
from domain.kernel import Event, Recorded
from domain.message import (
    AboutMessage,
    MessageCancelled,
    MessageDelivered,
    MessageExpired,
    MessageFailed,
    MessageOutcomeUnknown,
    MessagePlayed,
    MessageQueued,
    MessageRead,
    MessageRejected,
    MessageSent,
    MessageSuppressed,
)
from domain.months import month_of
from projections.columns import canonical, instant, key, link, long_text, month, read_model, text
from projections.projection import Projection
from projections.rows import Row
from projections.stages import happened_at
from projections.timeline_chat import CHAT_KINDS, CHAT_LINES

contact_timeline = read_model(
    "contact_timeline",
    key("workspace_id"),
    key("contact_id"),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    month(),
    instant("at"),
    text("kind", 32),
    link("campaign_id"),
    link("message_id"),
    long_text("detail"),
    link("account_id"),  # where only those may know with whom that number is shared
)

projection = Projection("timeline", contact_timeline)

CONTACT_KINDS: Final[dict[type[Event], str]] = {
    ContactAdded: "added",
    ContactChanged: "changed",
    ContactJoinedGroup: "group_joined",
    ContactLeftGroup: "group_left",
    ContactOptedIn: "opted_in",
    ContactOptedOut: "opted_out",
    ContactBlocked: "blocked",
    ContactDeleted: "deleted",
    ContactRestored: "restored",
    PreferenceReported: "preference",
}
MESSAGE_KINDS: Final[dict[type[Event], str]] = {
    MessageQueued: "message_queued",
    MessageSent: "message_sent",
    MessageDelivered: "message_delivered",
    MessageRead: "message_read",
    MessagePlayed: "message_played",
    MessageFailed: "message_failed",
    MessageSuppressed: "message_suppressed",
    MessageCancelled: "message_cancelled",
    MessageOutcomeUnknown: "message_unknown",
    MessageExpired: "message_expired",
}
KINDS: Final = (*CONTACT_KINDS.values(), *MESSAGE_KINDS.values(), *CHAT_KINDS)


def contact_fact(event: ContactEvent, recorded: Recorded) -> Row:
    puts = {
        "at": recorded.recorded_at,
        "kind": CONTACT_KINDS[type(event)],
        "detail": canonical(_contact_detail(event)),
    }
    return _row(event, recorded, puts)


def _row(event: ContactEvent | AboutMessage, recorded: Recorded, puts: dict[str, Any]) -> Row:
    at = (recorded.position, month_of(recorded.recorded_at))
    return Row(contact_timeline, (event.workspace_id, event.contact_id, *at), puts)


def _contact_detail(event: ContactEvent) -> dict[str, Any]:
    match event:
        case ContactAdded():
            return {"source": event.source}
        case ContactChanged():
            return {"changed": _differing(event.before, event.profile)}
        case ContactJoinedGroup() | ContactLeftGroup():
            return {"group_id": show("group", event.group_id)}
        case ContactOptedIn():
            return {"source": event.source}
        case ContactOptedOut():
            return {"reason": event.reason, "source": event.source}
        case PreferenceReported():
            return {"category": event.category, "value": event.value}
        case ContactBlocked():
            return {"reason": event.reason}
        case _:
            return {}


def _differing(before: Profile, after: Profile) -> list[str]:
    """The fields that changed; their contents are in the contact, and in the log."""
    names = Profile.__struct_fields__
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def message_fact(event: AboutMessage, recorded: Recorded) -> Row:
    return _message(event, recorded, MESSAGE_KINDS[type(event)])


def refused(event: MessageRejected, recorded: Recorded) -> list[Row]:
    """Only the last refusal is news to the reader; before it, the message just waits."""
    return [] if event.retry_at else [_message(event, recorded, "message_failed")]


def _message(event: AboutMessage, recorded: Recorded, kind: str) -> Row:
    detail = _DETAILS.get(type(event))
    puts: dict[str, Any] = {
        "at": happened_at(event, recorded),
        "kind": kind,
        "campaign_id": event.campaign_id,
        "message_id": event.message_id,
        "detail": detail(event) if detail else "{}",
    }
    if event.campaign_id is None:
        puts["account_id"] = event.account_id
    return _row(event, recorded, puts)


def _content(event: MessageQueued) -> str:
    return _content_text(event.content.kind, event.content.template)


@lru_cache(1000)
def _content_text(kind: str, template: str) -> str:
    """A campaign's messages all say the same."""
    return canonical({"kind": kind, "template": template})


def _failure(event: MessageRejected | MessageFailed) -> str:
    return canonical({"code": event.code, "reason": event.reason})


def _reason(event: MessageSuppressed | MessageCancelled | MessageOutcomeUnknown) -> str:
    return canonical({"reason": event.reason})


_DETAILS: Final[dict[type[Event], Callable[[Any], str]]] = {
    MessageQueued: _content,
    MessageRejected: _failure,
    MessageFailed: _failure,
    MessageSuppressed: _reason,
    MessageCancelled: _reason,
    MessageOutcomeUnknown: _reason,
}


def chat_fact(event: Any, recorded: Recorded) -> list[Row]:
    line = CHAT_LINES[type(event)](event)
    if line is None:
        return []
    puts = {
        "at": line.at or recorded.recorded_at,
        "kind": line.kind,
        "message_id": line.message_id,
        "detail": canonical(line.detail),
        "account_id": event.account_id,
    }
    return [_row(event, recorded, puts)]


projection.handlers |= dict.fromkeys(get_args(ContactEvent), contact_fact)
projection.handlers |= dict.fromkeys(CHAT_LINES, chat_fact)
projection.handlers |= dict.fromkeys(MESSAGE_KINDS, message_fact)
projection.on(refused)
