"""Who is to get the conversations that a team has and nobody of it: these, and how much each has.

A conversation stands in `turns` while it is open and only its team's. `turn_loads` counts what is
open of each user, and by which fact they were given something last; `turn_teams` are those that
work in turns at all.
"""

from typing import get_args
from uuid import UUID

from sqlalchemy import Index

from domain.conversation import AboutConversation, ConversationAssigned, ConversationEvent
from domain.kernel import Recorded
from domain.team import TeamChanged, TeamCreated, TeamDeleted
from projections.columns import big, key, link, number, read_model
from projections.projection import Projection
from projections.rows import Row, add, drop, put

turns = read_model(
    "turns",
    key("workspace_id"),
    key("conversation_id"),
    link("account_id"),
    link("team_id"),
    # Of a team's, those that have waited longest are given away first, of the numbers that somebody
    # can take.
    big("since_position"),
    Index("ix_turns_account", "workspace_id", "team_id", "account_id", "since_position"),
)

turn_loads = read_model(
    "turn_loads",
    key("workspace_id"),
    key("user_id"),
    number("open_count"),
    big("given_position"),
)

turn_teams = read_model("turn_teams", key("workspace_id"), key("team_id"))

projection = Projection("turns", turns, turn_loads, turn_teams, version=2)


def passed(event: AboutConversation, recorded: Recorded) -> list[Row]:
    """A conversation opens, closes, or goes from one to another."""
    before = (event.before == "open", event.assignee_id, event.assigned_team_id)
    after = (event.status == "open", *before[1:])
    given = isinstance(event, ConversationAssigned)
    if isinstance(event, ConversationAssigned):
        after = (event.status == "open", event.user_id, event.team_id)
    if before == after:
        return []
    rows = [_place(event, recorded, after)]
    had, has = before[1] if before[0] else None, after[1] if after[0] else None
    if had != has:
        rows += [_count(event, user, by) for user, by in ((had, -1), (has, 1)) if user]
    if given and after[1] is not None:
        ids = {"workspace_id": event.workspace_id, "user_id": after[1]}
        rows.append(put(turn_loads, **ids, given_position=recorded.position))
    return rows


def _place(
    event: AboutConversation, recorded: Recorded, after: tuple[bool, UUID | None, UUID | None]
) -> Row:
    is_open, user_id, team_id = after
    ids = {"workspace_id": event.workspace_id, "conversation_id": event.conversation_id}
    if not is_open or user_id is not None or team_id is None:
        return drop(turns, **ids)
    return put(
        turns,
        **ids,
        account_id=event.account_id,
        team_id=team_id,
        since_position=recorded.position,
    )


def _count(event: AboutConversation, user_id: UUID, by: int) -> Row:
    return add(turn_loads, workspace_id=event.workspace_id, user_id=user_id, open_count=by)


projection.handlers |= dict.fromkeys(get_args(ConversationEvent), passed)


def crew(event: TeamCreated | TeamChanged, recorded: Recorded) -> Row:
    del recorded
    ids = {"workspace_id": event.workspace_id, "team_id": event.team_id}
    in_turns = event.crew.assignment == "round_robin"
    return put(turn_teams, **ids) if in_turns else drop(turn_teams, **ids)


projection.handlers |= dict.fromkeys([TeamCreated, TeamChanged], crew)


@projection.on
def team_deleted(event: TeamDeleted, recorded: Recorded) -> Row:
    del recorded
    return drop(turn_teams, workspace_id=event.workspace_id, team_id=event.team_id)
