"""POST /v1/files/{file_id}/fetch: a customer's file that was given up is asked for again."""

from typing import Final

from commands.attaching import file_named
from commands.chats import REPLY, sees
from commands.command import Command, Intent, Wanted, about
from domain.file import FetchAgain, file
from domain.refusals import not_found


def _fetch_again(wanted: Wanted) -> Intent:
    """One that came with a message whose conversation whoever asks may see."""
    found = file_named(wanted, wanted.ids["file_id"])
    if found.account_id is None or not sees(wanted, found.account_id):
        raise not_found("file", wanted.ids["file_id"])
    return about(wanted, file, FetchAgain(**wanted.named, by=wanted.principal.user_id))


COMMANDS: Final = (
    Command(
        "POST",
        "/v1/files/{file_id}/fetch",
        "Ask the provider again for a customer's file that was given up",
        _fetch_again,
        REPLY,
        ids={"file_id": "file"},
    ),
)
