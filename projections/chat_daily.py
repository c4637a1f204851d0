"""What was done in conversations day by day: in the workspace as a whole, per agent and per team.

Days are cut in the workspace's zone by the instant of the fact. Each figure counts once for the
workspace, once for the agent it is put down to, and once for the team:

- `opened`: conversations begun, and those opened again after they had been resolved; put down to
  who had them then;
- `resolved`, `resolution_ms`: resolutions, and the time since the conversation was last opened;
  put down to who resolved it, else to who had it;
- `first_responses`, `first_response_ms`: first answers since the customer began to wait, and that
  wait, both in working hours where the workspace has any; put down to who answered, else to who
  had it. Automatic answers are none: they leave the customer waiting;
- `messages_in`: put down to who had the conversation; `messages_out`: to who wrote, automatic
  ones and those from the phone to nobody.

The team is always the one that had the conversation.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, String

from domain.conversation import (
    AboutConversation,
    BusinessWrote,
    ConversationMoved,
    ConversationStarted,
    CustomerWrote,
)
from domain.kernel import Recorded
from projections.chat import NOBODY
from projections.columns import big, key, number, read_model
from projections.daily import day_of
from projections.projection import Projection
from projections.rows import Row

chat_daily = read_model(
    "chat_daily",
    key("workspace_id"),
    Column("scope", String(16), primary_key=True),
    Column("day", Date, primary_key=True),
    key("scope_id"),
    number("opened"),
    number("resolved"),
    number("first_responses"),
    big("first_response_ms"),
    big("resolution_ms"),
    number("messages_in"),
    number("messages_out"),
)

projection = Projection("chat_daily", chat_daily)


def _figures(
    event: AboutConversation, at: datetime, recorded: Recorded, user: UUID | None, **adds: int
) -> list[Row]:
    day = day_of(at, recorded)
    scopes = (("workspace", NOBODY), ("user", user), ("team", event.assigned_team_id))
    return [
        Row(chat_daily, (event.workspace_id, scope, day, id_), adds=adds)
        for scope, id_ in scopes
        if id_ is not None
    ]


@projection.on
def started(event: ConversationStarted, recorded: Recorded) -> list[Row]:
    return _figures(event, recorded.recorded_at, recorded, None, opened=1)


@projection.on
def customer_wrote(event: CustomerWrote, recorded: Recorded) -> list[Row]:
    adds = {"messages_in": 1}
    if _reopened(event):
        adds["opened"] = 1
    return _figures(event, event.at, recorded, event.assignee_id, **adds)


@projection.on
def business_wrote(event: BusinessWrote, recorded: Recorded) -> list[Row]:
    answered: dict[str, Any] = {}
    if event.response_ms is not None:
        answered = {"first_responses": 1, "first_response_ms": event.response_ms}
    if event.user_id is not None or not answered:
        adds = {"messages_out": 1, **answered}
        return _figures(event, event.at, recorded, event.user_id, **adds)
    wrote = _figures(event, event.at, recorded, None, messages_out=1, **answered)
    had = event.assignee_id
    if had is None:
        return wrote
    day = day_of(event.at, recorded)
    return [*wrote, Row(chat_daily, (event.workspace_id, "user", day, had), adds=answered)]


@projection.on
def moved(event: ConversationMoved, recorded: Recorded) -> list[Row]:
    if event.status == "resolved":
        adds = {"resolved": 1, "resolution_ms": event.resolution_ms or 0}
        who = event.user_id or event.assignee_id
        return _figures(event, event.at, recorded, who, **adds)
    if _reopened(event):
        return _figures(event, event.at, recorded, event.assignee_id, opened=1)
    return []


def _reopened(event: AboutConversation) -> bool:
    return event.before == "resolved" and event.status != "resolved"
