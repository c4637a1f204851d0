"""Commands on canned replies: texts that people send with a few keys."""

from typing import Final

from commands.command import Command, Intent, Wanted, about
from commands.conversation_bodies import CannedReplyPatch, NewCannedReply
from commands.streams import Ask
from domain.canned_reply import (
    AddCannedReply,
    ChangeCannedReply,
    DeleteCannedReply,
    canned_reply,
)
from domain.ids import name_id


def _add_reply(wanted: Wanted) -> Intent:
    body: NewCannedReply = wanted.body
    id_ = name_id(wanted.workspace_id, "reply", body.short_code.casefold())
    command = AddCannedReply(
        workspace_id=wanted.workspace_id,
        reply_id=id_,
        short_code=body.short_code,
        text=body.text,
    )
    return Intent("reply", id_, [Ask(canned_reply, id_, command)])


def _change_reply(wanted: Wanted) -> Intent:
    command = ChangeCannedReply(**wanted.named, text=wanted.body.text)
    return about(wanted, canned_reply, command)


def _delete_reply(wanted: Wanted) -> Intent:
    return about(wanted, canned_reply, DeleteCannedReply(**wanted.named))


_ONE: Final = "/v1/canned-replies/{reply_id}"
_ID: Final = {"reply_id": "reply"}

COMMANDS: Final = (
    Command(
        "POST",
        "/v1/canned-replies",
        "Keep a text under a short code",
        _add_reply,
        "replies.manage",
        body=NewCannedReply,
        status=201,
    ),
    Command(
        "PATCH",
        _ONE,
        "Change a canned reply (JSON merge patch)",
        _change_reply,
        "replies.manage",
        body=CannedReplyPatch,
        ids=_ID,
        match_required=True,
    ),
    Command("DELETE", _ONE, "Delete a canned reply", _delete_reply, "replies.manage", ids=_ID),
)
