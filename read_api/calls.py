"""What people may ask about calls."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from projections import calls as call_model
from projections.calls import STEPS, call_steps, calls
from read_api.filters import id_of
from read_api.query import Derived, Endpoint, OfNumbers, by, in_workspace, many, one, part
from read_api.sharing import shared


def _status(row: Mapping[str, Any]) -> str | None:
    """The last of its steps, in the order of a call's life."""
    return next((step for step in reversed(STEPS) if row[f"{step}_at"] is not None), None)


_STATUS: Final = Derived("status", _status, {"type": ["string", "null"], "enum": [*STEPS, None]})
_call = select(*(c for c in calls.c if c.name != "workspace_id")).where(in_workspace(calls))
_SEEN: Final = shared(calls)
_IN_CONVERSATION: Final = id_of(
    "conversation", calls.c.conversation_id, "Only those of this conversation."
)

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/calls",
        "Calls, latest first",
        _call,
        call_model.projection,
        calls.c.place,
        _IN_CONVERSATION,
        permission="conversations.read",
        descending=True,
        derived=(_STATUS,),
        walked=lambda names: "ix_calls_conversation" if names else "ix_calls_listed",
        numbers=OfNumbers(_SEEN, lambda names: None if names else "ix_calls_account"),
    ),
    one(
        "/v1/calls/{call_id}",
        "One call with all that was reported of it",
        _call.where(by(calls.c.call_id), _SEEN),
        call_model.projection,
        part(
            "steps",
            select(
                call_steps.c.step,
                call_steps.c.at,
                call_steps.c.by,
                call_steps.c.seconds,
                call_steps.c.details,
            )
            .where(in_workspace(call_steps), by(call_steps.c.call_id))
            .order_by(call_steps.c.at),
        ),
        permission="conversations.read",
        derived=(_STATUS,),
    ),
)
