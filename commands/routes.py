"""All routes of the command API."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import Route

from commands import (
    accounts,
    assisting,
    campaigns,
    canned_replies,
    contacts,
    conversation_marks,
    conversations,
    entrance,
    fetching_again,
    files,
    groups,
    imports,
    inviting,
    notifications,
    people,
    replies,
    rules,
    teams,
    templates,
    typing_indicator,
    waha_webhooks,
    webhooks,
    working_hours,
)
from commands.command import Command
from commands.endpoints import endpoint
from commands.handling import Desk
from commands.seals import Seals
from domain.file_storage import FileStorage
from domain.local_assistant import LocalAssistant

COMMANDS: Final[tuple[Command, ...]] = (
    *contacts.COMMANDS,
    *groups.COMMANDS,
    *accounts.COMMANDS,
    *templates.COMMANDS,
    *campaigns.COMMANDS,
    *notifications.COMMANDS,
    *conversations.COMMANDS,
    *conversation_marks.COMMANDS,
    *replies.COMMANDS,
    *teams.COMMANDS,
    *canned_replies.COMMANDS,
    *fetching_again.COMMANDS,
    *rules.COMMANDS,
    *working_hours.COMMANDS,
    *people.COMMANDS,
)


def routes(
    desk: Desk,
    inbox: waha_webhooks.Inbox,
    app_secrets: Sequence[str],
    verify_token: str,
    seals: Seals,
    waha_keys: Sequence[str] = (),
    ai_calls_per_day: int = 0,
    *,
    typing: typing_indicator.Indicator,
    storage: FileStorage,
) -> list[Route]:
    """The command API at one desk, with the webhooks of the providers, and where people sign in."""
    suggestions = assisting.assisting(LocalAssistant(), ai_calls_per_day)
    listed = (*COMMANDS, inviting.inviting(seals), suggestions)
    return [
        *(Route(c.path, endpoint(desk, c), methods=[c.method]) for c in listed),
        Route(imports.PATH, imports.endpoint(desk), methods=["POST"]),
        Route(files.PATH, files.endpoint(desk, storage), methods=["POST"]),
        Route(typing_indicator.PATH, typing_indicator.endpoint(desk, typing), methods=["POST"]),
        *entrance.routes(desk, seals),
        *webhooks.routes(desk, inbox, app_secrets, verify_token),
        *waha_webhooks.routes(desk, inbox, waha_keys),
    ]
