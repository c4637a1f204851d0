"""Asking the assistant about a customer's message; each call counts against the day's quota."""

from datetime import UTC, datetime
from typing import Any, Final

from commands.bodies import Body
from commands.chats import ID, ONE, REPLY, present
from commands.command import Command, Intent, Wanted
from commands.streams import Ask
from commands.texts import MessageId
from commands.working_hours import hours_of
from domain.assistance import Assistant, Suggested, UseAi, assistance, assistance_id
from domain.contact import Contact, contact
from domain.inbound import Inbound, InboundReceived, Received, inbound
from domain.kernel import Rejected
from domain.refusals import not_found

_SUGGESTION: Final = {
    "type": ["string", "null"],
    "description": "null where the Idempotency-Key was spent before: what was suggested is not kept, "
    "and each time the assistant is asked counts. Ask with a new key.",
}


class Question(Body):
    """What is wanted of which message of the customer."""

    kind: Suggested
    message_id: MessageId


def assisting(assistant: Assistant, quota: int) -> Command:
    """POST …/suggestions; `quota` calls a day and workspace, 0: none."""

    def ask(wanted: Wanted) -> Intent:
        present(wanted)
        _said(wanted)
        workspace_id, conversation_id = wanted.workspace_id, wanted.ids["conversation_id"]
        day = datetime.now(UTC).astimezone(hours_of(wanted.streams, workspace_id).zone).date()
        command = UseAi(
            workspace_id=workspace_id,
            day=day,
            kind=wanted.body.kind,
            quota=quota,
            conversation_id=conversation_id,
            user_id=wanted.principal.user_id,
            message_id=wanted.body.message_id,
        )
        id_ = assistance_id(workspace_id, day)
        return Intent("suggestion", id_, [Ask(assistance, id_, command, wanted.expected)])

    def suggestion(wanted: Wanted) -> dict[str, Any]:
        said = _said(wanted)
        found = present(wanted)
        person: Contact = wanted.streams.look(contact, found.contact_id, wanted.workspace_id)
        asked = assistant.draft if wanted.body.kind == "draft" else assistant.sentiment
        return {"suggestion": asked(said.text, person.profile.language)}

    ask.__name__ = "suggestion"
    return Command(
        "POST",
        f"{ONE}/suggestions",
        "Have a draft of an answer, or how a message sounds",
        ask,
        REPLY,
        body=Question,
        ids=ID,
        adds=suggestion,
        adds_schema={"suggestion": _SUGGESTION},
        once=True,
        key_required=True,
    )


def _said(wanted: Wanted) -> Received:
    """What the customer said in this conversation."""
    id_ = wanted.body.message_id
    first = wanted.streams.first(id_, wanted.workspace_id)
    if (
        not isinstance(first, InboundReceived)
        or first.echo
        or first.conversation_id != wanted.ids["conversation_id"]
    ):
        raise not_found("message", id_)
    heard: Inbound = wanted.streams.look(inbound, id_, wanted.workspace_id)
    if heard.shown is None:
        raise Rejected("message_revoked", "the customer has taken the message back")
    return heard.shown
