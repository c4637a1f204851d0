"""What happens to messages and between people: reactions, edits, revocations, calls."""

from typing import Final, Literal

from commands.policies.waha_chats import kept
from commands.policies.waha_events import Event, when
from commands.policies.waha_messages import received
from commands.policies.waha_shape import Ignored, chat_in, instant, mine, person_in
from commands.policies.webhook_items import CallItem, EditItem, Item, ReactionItem, RevokeItem
from commands.policies.whatsapp_shape import Wrong, object_in, optional_text, text_in
from domain.call import Step


def reaction(event: Event) -> list[Item]:
    payload, reaction = event.payload, object_in(event.payload, "reaction")
    echo = mine(payload)
    if echo and payload.get("source") == "api":
        return []  # we know what we have sent
    return [
        ReactionItem(
            event.session,
            kept(text_in(payload, "id")),
            instant(payload.get("timestamp"), "timestamp"),
            person_in(payload, "to" if echo else "from"),
            kept(text_in(reaction, "messageId")),
            optional_text(reaction, "text"),
            echo,
        )
    ]


def edited(event: Event) -> list[Item]:
    payload, echo = event.payload, mine(event.payload)
    side: Literal["from", "to"] = "to" if echo else "from"
    return [
        EditItem(
            event.session,
            _of_chat(text_in(payload, "editedMessageId"), chat_in(payload, side), echo),
            when(event, payload),
            person_in(payload, side),
            received(payload, event.own_id),
            kept(text_in(payload, "id")),
            echo,
        )
    ]


def revoked(event: Event) -> list[Item]:
    """`after` is the revocation itself; `before`, the message, is often not known any more."""
    payload = event.payload
    before, after = payload.get("before"), payload.get("after")
    known = after if isinstance(after, dict) else before
    if not isinstance(known, dict):
        raise Wrong("neither before nor after says whose message it was")
    echo = mine(known)
    side: Literal["from", "to"] = "to" if echo else "from"
    chat, own_id = chat_in(known, side), text_in(known, "id")
    target = payload.get("revokedMessageId")
    if not isinstance(target, str) or not target:
        target = text_in(object_in(payload, "before"), "id")
    at, person = when(event, known), person_in(known, side)
    target = _of_chat(target, chat, echo)
    return [RevokeItem(event.session, target, at, person, kept(own_id), echo)]


def _of_chat(id_: str, chat: str, echo: bool) -> str:
    """The kept id of a message that may be named by its key alone."""
    if "_" in id_:
        return kept(id_)
    return id_ if echo else f"false_{chat}_{id_}"


STEPS: Final[dict[str, tuple[Step, Literal["customer", "business"]]]] = {
    "call.received": ("ringing", "customer"),
    "call.accepted": ("accepted", "business"),
    "call.rejected": ("rejected", "business"),
}


def call(event: Event) -> list[Item]:
    payload, (step, by) = event.payload, STEPS[event.name]
    if payload.get("isGroup") is True:
        raise Ignored("a chat of many")
    details = {key: said for key, said in payload.items() if key not in {"_data", "id"}}
    video = payload.get("isVideo") is True
    person, id_ = person_in(payload, "from"), text_in(payload, "id")
    at = when(event, payload)
    return [CallItem(event.session, id_, at, person, step, by, details, video)]
