"""What people may ask about teams, and about the replies that are kept ready."""

from sqlalchemy import select

from projections import teams as model
from projections.teams import canned_replies, teams
from read_api.query import Endpoint, by, in_workspace, many, one

_teams = select(*(c for c in teams.c if c.name != "workspace_id")).where(in_workspace(teams))

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/teams",
        "Teams with their members",
        _teams.where(teams.c.deleted == 0),
        model.projection,
        teams.c.team_id,
        permission="conversations.read",
    ),
    one(
        "/v1/teams/{team_id}",
        "One team with its members, also a deleted one",
        _teams.where(by(teams.c.team_id)),
        model.projection,
        permission="conversations.read",
    ),
    many(
        "/v1/canned-replies",
        "Replies kept ready, by their short codes",
        select(*(c for c in canned_replies.c if c.name != "workspace_id")).where(
            in_workspace(canned_replies)
        ),
        model.projection,
        canned_replies.c.short_code,
        permission="conversations.read",
        walked=lambda _: "ix_canned_replies_code",
    ),
)
