"""Suggestions by a language model: an interface, and a count of calls per workspace and day.

Whoever writes the suggestions is behind `Assistant`. Each call is a fact before it is made, in the
stream of its day, so that the quota holds whoever asks at the same time.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Protocol, assert_never
from uuid import UUID

import msgspec

from domain.ids import name_id
from domain.kernel import Command, Decider, Event, Rejected

Suggested = Literal["draft", "sentiment"]
Sentiment = Literal["positive", "neutral", "negative"]


class Assistant(Protocol):
    """Reads one message of a customer. `language` is the contact's, if it is known."""

    def draft(self, said: str, language: str) -> str:
        """An answer for a person to change and send."""

    def sentiment(self, said: str, language: str) -> Sentiment: ...


class AiUsed(Event):
    """One call; `used` counts those of the day in the workspace's zone, this one included.

    The message is the one that the assistant was asked about; the oldest facts do not say it.
    """

    day: date
    kind: Suggested
    used: int
    conversation_id: UUID
    user_id: UUID | None = None
    message_id: UUID | None = None


AssistanceEvent = AiUsed


class UseAi(Command):
    day: date
    kind: Suggested
    quota: int
    conversation_id: UUID
    user_id: UUID | None = None
    message_id: UUID | None = None


class Assistance(msgspec.Struct, frozen=True):
    """What has been used on one day."""

    used: int = 0


def assistance_id(workspace_id: UUID, day: date) -> UUID:
    """The stream of one day of a workspace."""
    return name_id(workspace_id, "assistance", day.isoformat())


def evolve(assistance: Assistance, event: AiUsed) -> Assistance:
    """The day after that call."""
    del assistance  # each fact has the whole count
    match event:
        case AiUsed():
            return Assistance(used=event.used)
        case _:
            assert_never(event)


def decide(assistance: Assistance, command: UseAi, now: datetime) -> Sequence[AiUsed]:
    """Every call counts."""
    del now  # the day is cut in the workspace's zone, which the command knows
    if command.quota < 1:
        raise Rejected("ai_off", "suggestions are switched off in this installation")
    if assistance.used >= command.quota:
        raise Rejected(
            "ai_quota_used",
            f"the {command.quota} suggestions of {command.day.isoformat()} are used up; "
            "there are more on the next day",
        )
    return [
        AiUsed(
            workspace_id=command.workspace_id,
            day=command.day,
            kind=command.kind,
            used=assistance.used + 1,
            conversation_id=command.conversation_id,
            user_id=command.user_id,
            message_id=command.message_id,
        )
    ]


assistance: Decider[Assistance, UseAi, AiUsed] = Decider("assistance", Assistance(), decide, evolve)
