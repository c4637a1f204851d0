"""Teams with their members, and the replies that are kept ready.

A deleted team keeps its row, because conversations it had show its name.
"""

from sqlalchemy import Index

from domain.canned_reply import CannedReplyDeleted, CannedReplySaved
from domain.ids import show
from domain.kernel import Recorded
from domain.team import TeamChanged, TeamCreated, TeamDeleted
from projections.columns import canonical, instant, key, long_text, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, drop, put

teams = read_model(
    "teams",
    key("workspace_id"),
    key("team_id"),
    text("name"),
    long_text("members"),
    number("capacity"),
    text("assignment", 16),
    number("deleted"),
    number("version"),
)

canned_replies = read_model(
    "canned_replies",
    key("workspace_id"),
    key("reply_id"),
    text("short_code", 64),
    long_text("text"),
    instant("updated_at"),
    number("version"),
    Index("ix_canned_replies_code", "workspace_id", "short_code"),
)

projection = Projection("teams", teams, canned_replies)


def saved(event: TeamCreated | TeamChanged, recorded: Recorded) -> Row:
    crew = event.crew
    return put(
        teams,
        workspace_id=event.workspace_id,
        team_id=event.team_id,
        name=crew.name,
        members=canonical([show("user", member) for member in crew.members]),
        capacity=crew.capacity,
        assignment=crew.assignment,
        deleted=0,
        version=recorded.version,
    )


projection.handlers |= dict.fromkeys([TeamCreated, TeamChanged], saved)


@projection.on
def deleted(event: TeamDeleted, recorded: Recorded) -> Row:
    about = {"workspace_id": event.workspace_id, "team_id": event.team_id}
    return put(teams, **about, deleted=1, version=recorded.version)


@projection.on
def reply_saved(event: CannedReplySaved, recorded: Recorded) -> Row:
    return put(
        canned_replies,
        workspace_id=event.workspace_id,
        reply_id=event.reply_id,
        short_code=event.short_code,
        text=event.text,
        updated_at=recorded.recorded_at,
        version=recorded.version,
    )


@projection.on
def reply_deleted(event: CannedReplyDeleted, recorded: Recorded) -> Row:
    del recorded
    return drop(canned_replies, workspace_id=event.workspace_id, reply_id=event.reply_id)
