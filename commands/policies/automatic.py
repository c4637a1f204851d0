"""What a rule or a stop word does, as asks: the answer, labels, an assignment, consent."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from commands.answering import filled, recipient, windowed
from commands.streams import Ask, Streams
from domain.account import account
from domain.canned_reply import canned_reply
from domain.contact import Contact, OptInContact, OptOutContact, contact
from domain.conversation import (
    AssignConversation,
    BusinessWrites,
    Conversation,
    LabelConversation,
    conversation,
)
from domain.ids import automatic_answer_id
from domain.kernel import Rejected
from domain.message import Content, QueueMessage, message
from domain.rule import Actions, Answer
from domain.team import team
from domain.template import Template, template
from domain.user import User, user

PRIORITY = 1


class Chat(NamedTuple):
    """A customer's message, and the conversation it stands in as it was looked at."""

    workspace_id: UUID
    message_id: UUID
    conversation_id: UUID
    state: Conversation
    version: int
    person: Contact

    @property
    def ids(self) -> dict[str, Any]:
        return {"workspace_id": self.workspace_id, "conversation_id": self.conversation_id}


class Reaction(NamedTuple):
    """What is asked; `answer_id` if a message is sent, else `why` says why none is."""

    asks: list[Ask]
    answer_id: UUID | None = None
    why: str = ""


def answer(
    chat: Chat,
    content: Callable[[], Content],
    rule_id: UUID | None,
    streams: Streams,
) -> Reaction:
    """A message, if it may be sent: refused, the rest of what is to be done goes on without it.

    What is fresh enough to be answered lies within the window for texts; else the write is refused.
    """
    try:
        said = content()
        has_window = windowed(streams, chat.workspace_id, chat.state.account_id)
        to = recipient(streams, chat.workspace_id, chat.state)
    except Rejected as rejected:
        return Reaction([], why=rejected.code)
    answer_id = automatic_answer_id(chat.message_id)
    queue = QueueMessage(
        workspace_id=chat.workspace_id,
        message_id=answer_id,
        campaign_id=None,
        contact_id=chat.state.contact_id,
        account_id=chat.state.account_id,
        to=to,
        content=said,
        priority=PRIORITY,
    )
    write = BusinessWrites(
        **chat.ids,
        contact_id=chat.state.contact_id,
        account_id=chat.state.account_id,
        message_id=answer_id,
        kind=said.kind,
        snippet=said.text,
        automatic=True,
        rule_id=rule_id,
        windowed=has_window,
    )
    asks = [
        Ask(conversation, chat.conversation_id, write, chat.version),
        Ask(message, answer_id, queue),
    ]
    return Reaction(asks, answer_id)


def acted(chat: Chat, actions: Actions, rule_id: UUID, streams: Streams) -> Reaction:
    """All that the rule does, in one append."""
    reaction = Reaction([])
    if actions.answer is not None:
        wanted = actions.answer
        reaction = answer(chat, lambda: _content(chat, wanted, streams), rule_id, streams)
    asks = list(reaction.asks)
    if actions.labels:
        label = LabelConversation(**chat.ids, add=actions.labels)
        asks.append(Ask(conversation, chat.conversation_id, label))
    if _assignable(chat, actions, streams):
        assign = AssignConversation(
            **chat.ids, user_id=actions.user_id, team_id=actions.team_id, how="rule"
        )
        asks.append(Ask(conversation, chat.conversation_id, assign))
    if actions.opt_out:
        asks += consent(chat, stop=True, reason=f"rule {rule_id.hex}")
    return reaction._replace(asks=asks)


def consent(chat: Chat, *, stop: bool, reason: str) -> list[Ask]:
    """Nothing if it is so already."""
    about = {"workspace_id": chat.workspace_id, "contact_id": chat.state.contact_id}
    if (chat.person.consent == "withdrawn") == stop:
        return []
    command: OptOutContact | OptInContact = (
        OptOutContact(**about, source="webhook", reason=reason)
        if stop
        else OptInContact(**about, source="webhook")
    )
    return [Ask(contact, chat.state.contact_id, command)]


def _content(chat: Chat, wanted: Answer, streams: Streams) -> Content:
    if wanted.template_id is not None:
        found: Template = streams.look(template, wanted.template_id, chat.workspace_id)
        if found == template.initial:
            raise Rejected("not_found", "the rule's template is not there")
        account_id = chat.state.account_id
        links = streams.look(account, account_id, chat.workspace_id).takes_links
        return filled(
            found, wanted.variables, wanted.header_link, account_id, chat.person, takes_links=links
        )
    text = wanted.text
    if wanted.reply_id is not None:
        kept = streams.look(canned_reply, wanted.reply_id, chat.workspace_id).text
        if kept is None:
            raise Rejected("reply_deleted", "the rule's canned reply is deleted")
        text = kept
    return Content(kind="text", text=text)


def _assignable(chat: Chat, actions: Actions, streams: Streams) -> bool:
    """What somebody has stays theirs; nobody gets what they would not see."""
    if chat.state.user_id is not None or (actions.user_id, actions.team_id) == (None, None):
        return False
    team_id = actions.team_id
    if team_id and streams.look(team, team_id, chat.workspace_id).status != "live":
        return False
    if actions.user_id is None:
        return True
    person: User = streams.look(user, actions.user_id, chat.workspace_id)
    sees = person.role != "agent" or chat.state.account_id in person.numbers
    return person.status == "active" and sees
