"""What was made of a customer's message automatically: decided once, in a stream of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec

from domain.kernel import Command, Decider, Event, PersonalText

Verdict = Literal["rule", "stop_word", "start_word", "none"]


class InboundConsidered(Event):
    """`verdict` is what applied; `why` says why nothing did, or why no text was sent.

    `answer_id` is the message that answers; `word` is the stop or start word that was said.
    """

    message_id: UUID
    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    verdict: Verdict
    rule_id: UUID | None = None
    answer_id: UUID | None = None
    why: str = ""
    word: PersonalText = ""


ConsiderationEvent = InboundConsidered


class Consider(Command):
    message_id: UUID
    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    verdict: Verdict
    rule_id: UUID | None = None
    answer_id: UUID | None = None
    why: str = ""
    word: str = ""


class Consideration(msgspec.Struct, frozen=True):
    done: bool = False


def evolve(consideration: Consideration, event: InboundConsidered) -> Consideration:
    """The consideration after that fact."""
    del consideration  # there is one fact
    match event:
        case InboundConsidered():
            return Consideration(done=True)
        case _:
            assert_never(event)


def decide(
    consideration: Consideration, command: Consider, now: datetime
) -> Sequence[InboundConsidered]:
    """Whoever comes second changes nothing."""
    del now  # whether a message is too old was asked before
    if consideration.done:
        return []
    return [InboundConsidered(**msgspec.structs.asdict(command))]


consideration: Decider[Consideration, Consider, InboundConsidered] = Decider(
    "consideration", Consideration(), decide, evolve
)
