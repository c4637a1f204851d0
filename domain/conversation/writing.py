"""One more message of either side, and what it does to the window, the wait and the state."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from domain.conversation.about import about
from domain.conversation.commands import BusinessWrites, CustomerWrites, StartConversation
from domain.conversation.events import (
    BotPaused,
    BusinessWrote,
    ConversationEvent,
    ConversationStarted,
    CustomerWrote,
    Status,
)
from domain.conversation.state import Conversation, awaiting, evolve, unanswered
from domain.ids import show
from domain.kernel import Rejected
from domain.refusals import provider_instant

WINDOW: Final = timedelta(hours=24)
TAKEOVER: Final = timedelta(hours=24)
"""So long after a person's reply nothing is answered automatically."""
SNIPPET: Final = 160


def start(conversation: Conversation, command: StartConversation) -> Sequence[ConversationEvent]:
    """Nothing if it is there, whoever began it."""
    return _started(conversation, command, command.by)[0]


def customer_writes(
    conversation: Conversation, command: CustomerWrites
) -> Sequence[ConversationEvent]:
    """Opens what was resolved or snoozed; whoever it is assigned to stays."""
    at = provider_instant(command.at)
    started, conversation = _started(conversation, command, "customer")
    window, waiting = at + WINDOW, awaiting(conversation, at)
    status: Status = "pending" if conversation.status == "pending" else "open"
    latest = conversation.eras[-1][0] if conversation.eras else 0
    return [
        *started,
        CustomerWrote(
            **about(conversation, command, status),
            message_id=command.message_id,
            at=at,
            kind=command.kind,
            snippet=_snippet(command.snippet),
            inbound=conversation.inbound + 1,
            window_until=max(window, conversation.window_until or window),
            waiting_since=waiting[0] if waiting else None,
            newest=_newest(conversation, at),
            address=command.address,
            era=max(command.era, latest),
            opens_era=command.era > latest,
        ),
    ]


def business_writes(
    conversation: Conversation, command: BusinessWrites, now: datetime
) -> Sequence[ConversationEvent]:
    """A reply has to be within the window, or a template; what left the phone is taken as it is."""
    if command.windowed and not command.from_phone and command.kind != "template":
        _check_window(conversation, command, now)
    at = now if command.at is None else provider_instant(command.at)
    by: Literal["business", "phone"] = "phone" if command.from_phone else "business"
    started, conversation = _started(conversation, command, by)
    waiting = unanswered(
        conversation, at, command.kind, automatic=command.automatic, from_phone=command.from_phone
    )
    response_ms = None
    if conversation.waiting_since is not None and len(waiting) < len(conversation.waiting):
        response_ms = command.hours.milliseconds(conversation.waiting_since, at)
    wrote = BusinessWrote(
        **about(conversation, command),
        message_id=command.message_id,
        at=at,
        kind=command.kind,
        snippet=_snippet(command.snippet),
        user_id=command.user_id,
        automatic=command.automatic,
        from_phone=command.from_phone,
        response_ms=response_ms,
        waiting_since=waiting[0] if waiting else None,
        newest=_newest(conversation, at),
        rule_id=command.rule_id,
    )
    return [*started, wrote, *_takeover(evolve(conversation, wrote), command, at, now)]


def _started(
    conversation: Conversation,
    command: StartConversation | CustomerWrites | BusinessWrites,
    by: Literal["customer", "business", "phone"],
) -> tuple[list[ConversationEvent], Conversation]:
    if conversation.status != "absent":
        return [], conversation
    started = ConversationStarted(
        workspace_id=command.workspace_id,
        conversation_id=command.conversation_id,
        contact_id=command.contact_id,
        account_id=command.account_id,
        status="open",
        before="absent",
        by=by,
    )
    return [started], evolve(conversation, started)


def _check_window(conversation: Conversation, command: BusinessWrites, now: datetime) -> None:
    if why := _closed(conversation, now):
        raise Rejected(
            "window_closed",
            f"a {command.kind} cannot be sent in {show('conversation', command.conversation_id)}: "
            f"{why}; send an approved template, which opens the conversation again",
        )


def check_typing(
    conversation: Conversation, conversation_id: UUID, now: datetime, *, windowed: bool
) -> UUID:
    """The message under which the customer can be shown that somebody writes."""
    shown = show("conversation", conversation_id)
    if windowed and (why := _closed(conversation, now)):
        raise Rejected("window_closed", f"nobody is shown typing in {shown}: {why}")
    if conversation.heard is None:
        why = "the customer has not written yet"
        raise Rejected("nothing_heard", f"nobody is shown typing in {shown}: {why}")
    return conversation.heard[1]


def _closed(conversation: Conversation, now: datetime) -> str:
    """Why the window is closed; empty while it is open."""
    until = conversation.window_until
    if until is None:
        return "the customer has not written yet"
    if now < until:
        return ""
    return f"the customer's last message is more than 24 hours old, since {until.isoformat()}"


def _takeover(
    conversation: Conversation, command: BusinessWrites, at: datetime, now: datetime
) -> Sequence[ConversationEvent]:
    until = at + TAKEOVER
    by_person = command.from_phone or command.user_id is not None
    later = conversation.bot_until is None or until > conversation.bot_until
    if command.automatic or not by_person or not later or until <= now:
        return []
    return [BotPaused(**about(conversation, command), until=until, by=command.user_id)]


def _newest(conversation: Conversation, at: datetime) -> bool:
    return conversation.last_at is None or at >= conversation.last_at


def _snippet(text: str) -> str:
    """The beginning, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= SNIPPET else f"{line[: SNIPPET - 1]}…"
