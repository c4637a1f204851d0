"""A call between a contact and a number: rung, then accepted, rejected or ended, in any order.

The provider reports it in pieces that may come late or twice; each piece counts once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel import Command, Decider, Event, personal
from domain.refusals import provider_instant

Step = Literal["ringing", "connected", "accepted", "rejected", "ended", "failed"]


class CallReported(Event):
    """One report. `step` is new for this call; `details` is the report as the provider gave it."""

    call_id: UUID
    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    provider_id: str
    step: Step
    at: datetime
    by: Literal["customer", "business"]
    details: Annotated[dict[str, Any], personal]
    video: bool = False
    seconds: int | None = None


CallEvent = CallReported


class ReportCall(Command):
    call_id: UUID
    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    provider_id: str
    step: Step
    at: datetime
    by: Literal["customer", "business"]
    details: dict[str, Any]
    video: bool = False
    seconds: int | None = None


class Call(msgspec.Struct, frozen=True):
    """The steps that are known."""

    steps: frozenset[Step] = frozenset()


def evolve(call: Call, event: CallEvent) -> Call:
    """The call after that fact."""
    return replace(call, steps=call.steps | {event.step})


def decide(call: Call, command: ReportCall, now: datetime) -> Sequence[CallEvent]:
    """Each step counts once; its first report stands."""
    del now  # the provider says when
    at = provider_instant(command.at)
    if command.step in call.steps:
        return []
    return [
        CallReported(
            workspace_id=command.workspace_id,
            call_id=command.call_id,
            conversation_id=command.conversation_id,
            contact_id=command.contact_id,
            account_id=command.account_id,
            provider_id=command.provider_id,
            step=command.step,
            at=at,
            by=command.by,
            details=command.details,
            video=command.video,
            seconds=command.seconds,
        )
    ]


call: Decider[Call, ReportCall, CallEvent] = Decider("call", Call(), decide, evolve)
