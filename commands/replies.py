"""Replies: a message is queued ahead of all campaigns, and the conversation says that we wrote."""

from typing import Final
from uuid import UUID

import uuid_utils.compat as uuids

from commands.answering import content_of, recipient, snippet, template_content, windowed
from commands.chats import ID, ONE, REPLY, present, sees
from commands.command import Command, Intent, Wanted
from commands.references import known
from commands.reply_bodies import NewConversation, NewReply
from commands.streams import Ask
from commands.working_hours import hours_of
from domain.account import account
from domain.contact import contact
from domain.conversation import BusinessWrites, Conversation, conversation
from domain.file import ShowFile, file
from domain.ids import conversation_id
from domain.message import Content, QueueMessage, message
from domain.refusals import not_found

PRIORITY: Final = 1


def _reply(wanted: Wanted) -> Intent:
    found, id_ = present(wanted), wanted.ids["conversation_id"]
    content = content_of(wanted, found, id_)
    asks = [*_written(wanted, id_, found, content)]
    if content.file is not None:
        about = {"file_id": content.file.file_id, "account_id": found.account_id}
        show = ShowFile(workspace_id=wanted.workspace_id, **about)
        asks.append(Ask(file, show.file_id, show))
    return Intent("message", asks[0].stream_id, asks)


def _start(wanted: Wanted) -> Intent:
    body: NewConversation = wanted.body
    known(
        wanted,
        [
            (contact, "contact", body.contact_id, "/contact_id"),
            (account, "account", body.account_id, "/account_id"),
        ],
    )
    if not sees(wanted, body.account_id):
        raise not_found("account", body.account_id)
    id_ = conversation_id(body.account_id, body.contact_id)
    found: Conversation = wanted.streams.look(conversation, id_, wanted.workspace_id)
    if found.status == "absent":
        found = Conversation(contact_id=body.contact_id, account_id=body.account_id)
    content = template_content(wanted, body.account_id, body.contact_id)
    queue, write = _written(wanted, id_, found, content)
    return Intent("conversation", id_, [write, queue])


def _written(wanted: Wanted, id_: UUID, found: Conversation, content: Content) -> tuple[Ask, Ask]:
    message_id, streams = uuids.uuid7(), wanted.streams
    queue = QueueMessage(
        workspace_id=wanted.workspace_id,
        message_id=message_id,
        campaign_id=None,
        contact_id=found.contact_id,
        account_id=found.account_id,
        to=recipient(streams, wanted.workspace_id, found),
        content=content,
        priority=PRIORITY,
    )
    write = BusinessWrites(
        workspace_id=wanted.workspace_id,
        conversation_id=id_,
        contact_id=found.contact_id,
        account_id=found.account_id,
        message_id=message_id,
        kind=content.kind,
        snippet=snippet(content),
        user_id=wanted.principal.user_id,
        windowed=windowed(streams, wanted.workspace_id, found.account_id),
        hours=hours_of(streams, wanted.workspace_id),
    )
    return Ask(message, message_id, queue), Ask(conversation, id_, write, wanted.expected)


COMMANDS: Final = (
    Command(
        "POST",
        f"{ONE}/messages",
        "Answer in a conversation",
        _reply,
        REPLY,
        body=NewReply,
        status=202,
        ids=ID,
        key_required=True,
    ),
    Command(
        "POST",
        "/v1/conversations",
        "Begin a conversation with a template",
        _start,
        REPLY,
        body=NewConversation,
        status=201,
        key_required=True,
    ),
)
