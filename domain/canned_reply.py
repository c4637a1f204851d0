"""A canned reply is a text kept under a short code, for people to send with a few keys.

Its id is derived from the short code (case-folded), so a code exists once in a workspace.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID

import msgspec

from domain.kernel import Command, Decider, Event, Rejected
from domain.refusals import exists, not_found

CODE: Final = re.compile(r"[\w-]{1,64}")
TEXT_LENGTH: Final = 4096


class CannedReplySaved(Event):
    """New, or with another text than `before`."""

    reply_id: UUID
    short_code: str
    text: str
    before: str | None = None


class CannedReplyDeleted(Event):
    reply_id: UUID
    short_code: str


CannedReplyEvent = CannedReplySaved | CannedReplyDeleted


class AddCannedReply(Command):
    reply_id: UUID
    short_code: str
    text: str


class ChangeCannedReply(Command):
    reply_id: UUID
    text: str


class DeleteCannedReply(Command):
    reply_id: UUID


CannedReplyCommand = AddCannedReply | ChangeCannedReply | DeleteCannedReply


class CannedReply(msgspec.Struct, frozen=True, kw_only=True):
    """Without a text it was deleted, or never was."""

    short_code: str = ""
    text: str | None = None


def evolve(reply: CannedReply, event: CannedReplyEvent) -> CannedReply:
    """The reply after that fact."""
    del reply  # each fact says everything
    match event:
        case CannedReplySaved():
            return CannedReply(short_code=event.short_code, text=event.text)
        case CannedReplyDeleted():
            return CannedReply(short_code=event.short_code)
        case _:
            assert_never(event)


def decide(
    reply: CannedReply, command: CannedReplyCommand, now: datetime
) -> Sequence[CannedReplyEvent]:
    """What follows from the request; a deleted one's code is free to be used again."""
    del now  # no rule of a canned reply depends on the time
    match command:
        case AddCannedReply():
            return _add(reply, command)
        case _ if not reply.short_code:
            raise not_found("reply", command.reply_id)
        case DeleteCannedReply():
            return [] if reply.text is None else [_deleted(reply, command)]
        case ChangeCannedReply():
            if reply.text is None:
                raise not_found("reply", command.reply_id)
            return [] if reply.text == command.text else [_saved(reply, command, reply.short_code)]
        case _:
            assert_never(command)


def _add(reply: CannedReply, command: AddCannedReply) -> Sequence[CannedReplyEvent]:
    if not CODE.fullmatch(command.short_code):
        raise Rejected(
            "invalid_short_code",
            "a short code has 1 to 64 letters, digits, underscores and hyphens; "
            f"this is {command.short_code!r}",
        )
    if reply.text is None:
        return [_saved(reply, command, command.short_code)]
    if (reply.short_code, reply.text) != (command.short_code, command.text):
        advice = f"change it, or take a code that differs from {reply.short_code!r}"
        raise exists("reply", command.reply_id, advice)
    return []


def _saved(
    reply: CannedReply, command: AddCannedReply | ChangeCannedReply, short_code: str
) -> CannedReplySaved:
    if not command.text.strip() or len(command.text) > TEXT_LENGTH:
        raise Rejected(
            "invalid_text",
            f"a canned reply has 1 to {TEXT_LENGTH} characters and is not blank; "
            f"this has {len(command.text)}",
        )
    return CannedReplySaved(
        workspace_id=command.workspace_id,
        reply_id=command.reply_id,
        short_code=short_code,
        text=command.text,
        before=reply.text,
    )


def _deleted(reply: CannedReply, command: DeleteCannedReply) -> CannedReplyDeleted:
    return CannedReplyDeleted(
        workspace_id=command.workspace_id,
        reply_id=command.reply_id,
        short_code=reply.short_code,
    )


canned_reply: Decider[CannedReply, CannedReplyCommand, CannedReplyEvent] = Decider(
    "reply", CannedReply(), decide, evolve
)
