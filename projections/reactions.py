"""Reactions to messages: one row per reaction's stream, whoever reacted; the last one counts.

A customer has one stream per message reacted to, and so has the company's phone. Reactions sent
from here are messages of their own, so several of them may be about the same one: that with the
last place is what is shown. What a reaction is about is named by the provider's id: a message
of either side has one, and it is the same whatever was heard first.
"""

from sqlalchemy import Column, String

from domain.inbound import InboundReacted
from domain.kernel import Recorded
from domain.message import MessageQueued
from projections.chat import PLACE_LENGTH, conversation_of, place
from projections.columns import canonical, instant, key, link, long_text, read_model, text
from projections.rows import Row, put

reactions = read_model(
    "reactions",
    key("workspace_id"),
    key("conversation_id"),
    Column("target", String(255), primary_key=True),
    key("reaction_id"),
    link("account_id"),
    text("by", 8),
    long_text("emoji"),
    instant("at"),
    text("place", PLACE_LENGTH),
    text("provider_id"),
    long_text("sender"),
)


def reacted(event: InboundReacted, recorded: Recorded) -> Row:
    """The customer's, or that of the company's phone. Without an emoji it was taken back."""
    return put(
        reactions,
        workspace_id=event.workspace_id,
        conversation_id=event.conversation_id,
        target=event.target_provider_id,
        reaction_id=event.message_id,
        account_id=event.account_id,
        by="phone" if event.echo else "customer",
        emoji=event.emoji,
        at=event.at,
        place=place(event.at, recorded.position),
        provider_id=event.provider_id,
        sender=canonical(event.sender),
    )


def answered_with(event: MessageQueued, recorded: Recorded) -> Row:
    """One sent from here."""
    details = event.content.details
    return put(
        reactions,
        workspace_id=event.workspace_id,
        conversation_id=conversation_of(event),
        target=str(details.get("message_id", "")),
        reaction_id=event.message_id,
        account_id=event.account_id,
        by="business",
        emoji=str(details.get("emoji", "")),
        at=recorded.recorded_at,
        place=place(recorded.recorded_at, recorded.position),
    )
