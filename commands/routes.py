"""All routes of the command API."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import Route

from commands import accounts, campaigns, contacts, groups, imports, templates, webhooks
from commands.command import Command
from commands.endpoints import endpoint
from commands.handling import Desk

COMMANDS: Final[tuple[Command, ...]] = (
    *contacts.COMMANDS,
    *groups.COMMANDS,
    *accounts.COMMANDS,
    *templates.COMMANDS,
    *campaigns.COMMANDS,
)


def routes(
    desk: Desk, inbox: webhooks.Inbox, app_secrets: Sequence[str], verify_token: str
) -> list[Route]:
    """The command API at one desk, with the webhooks of the provider."""
    return [
        *(Route(c.path, endpoint(desk, c), methods=[c.method]) for c in COMMANDS),
        Route(imports.PATH, imports.endpoint(desk), methods=["POST"]),
        *webhooks.routes(desk, inbox, app_secrets, verify_token),
    ]
