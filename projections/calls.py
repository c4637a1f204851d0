"""Calls and what was reported of each; reports may come in any order, and the rows are the same.

A call has the instant of each step; its state is the last of them in the order of a call's life.
"""

from typing import Any, Final, get_args

from sqlalchemy import Column, Index, Integer, String

from domain.call import CallReported, Step
from domain.kernel import Recorded
from projections.chat import PLACE_LENGTH, place, whose
from projections.columns import canonical, instant, key, link, long_text, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, put

STEPS: Final[tuple[Step, ...]] = get_args(Step)

calls = read_model(
    "calls",
    key("workspace_id"),
    key("call_id"),
    link("conversation_id"),
    link("contact_id"),
    link("account_id"),
    text("provider_id"),
    text("place", PLACE_LENGTH),
    text("direction", 3),
    number("video"),
    *(instant(f"{step}_at") for step in STEPS),
    Column("seconds", Integer, nullable=True),
    Index("ix_calls_listed", "workspace_id", "place"),
    Index("ix_calls_account", "workspace_id", "account_id", "place"),
    Index("ix_calls_conversation", "workspace_id", "conversation_id", "place"),
)

call_steps = read_model(
    "call_steps",
    key("workspace_id"),
    key("call_id"),
    Column("step", String(16), primary_key=True),
    text("by", 8),
    instant("at"),
    Column("seconds", Integer, nullable=True),
    long_text("details"),
)

projection = Projection("calls", calls, call_steps)


@projection.on
def reported(event: CallReported, recorded: Recorded) -> list[Row]:
    """It stands where it rang, or until that is known, where it was first heard of."""
    about = {"workspace_id": event.workspace_id, "call_id": event.call_id}
    puts: dict[str, Any] = {f"{event.step}_at": event.at}
    if event.seconds is not None:
        puts["seconds"] = event.seconds
    if recorded.version == 1 or event.step == "ringing":
        puts |= {
            **whose(event),
            "provider_id": event.provider_id,
            "place": place(event.at, recorded.position),
            "direction": "in" if event.by == "customer" else "out",
            "video": int(event.video),
        }
    step = put(
        call_steps,
        **about,
        step=event.step,
        by=event.by,
        at=event.at,
        seconds=event.seconds,
        details=canonical(event.details),
    )
    return [put(calls, **about, **puts), step]
