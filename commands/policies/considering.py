"""What is to be made of a customer's message automatically: a stop word, a rule, or nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from commands.policies.automatic import Chat, Reaction, acted, answer, consent
from commands.streams import Ask, Streams
from commands.working_hours import hours_of
from domain.consideration import Consider, Verdict, consideration
from domain.contact import Contact, contact
from domain.conversation import Conversation, conversation
from domain.conversation.automatic import AUTOMATIC
from domain.ids import consideration_id
from domain.inbound import Inbound, inbound
from domain.inbound.events import Received
from domain.kernel import Command
from domain.message import Content
from domain.rule import Definition, Heard, Rule, Search, matches, normal, rule
from domain.stop_words import Wish, wish

FRESH: Final = timedelta(minutes=10)
"""What came longer ago is not answered any more, as after an outage."""
HOUR: Final = timedelta(hours=1)
WRITTEN: Final = frozenset({"text", "button", "interactive"})
SHORTEST_REPEAT: Final = 4
"""A repetition of fewer letters (an OK) is said by people, too."""


class Row(NamedTuple):
    """A message that is to be considered."""

    workspace_id: UUID
    message_id: UUID
    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    at: datetime
    nth: int


class Rules(NamedTuple):
    """The enabled rules of a workspace, first in order first, and what reads their patterns."""

    enabled: Sequence[tuple[UUID, Definition]]
    search: Search


def is_done(row: Row, streams: Streams) -> bool:
    stream_id = consideration_id(row.message_id)
    return bool(streams.look(consideration, stream_id, row.workspace_id).done)


def streams_of(rows: Iterable[Row]) -> list[UUID]:
    """All that is looked into of most messages."""
    return [
        id_
        for row in rows
        for id_ in (
            row.message_id,
            row.contact_id,
            row.account_id,
            row.workspace_id,
        )
    ]


def conversation_of(row: Row) -> Ask:
    """For `load_asked`, which reads of long conversations only the end."""
    return Ask(conversation, row.conversation_id, Command(workspace_id=row.workspace_id))


def asks_of(row: Row, rules: Rules, streams: Streams, now: datetime) -> list[Ask]:
    """One group: the outcome, and with it all that follows."""
    heard: Inbound = streams.look(inbound, row.message_id, row.workspace_id)
    said = heard.shown
    if said is None:
        return [outcome(row, "none", why="revoked")]
    chat = _chat(row, streams)
    wanted = wish(said.text) if said.kind in WRITTEN else None
    if wanted is not None and (wanted.stop or chat.person.consent == "withdrawn"):
        return _wished(row, chat, wanted, streams, now)
    if why := _hindrance(row, chat, said, now):
        return [outcome(row, "none", why=why)]
    chosen, why = _chosen(row, chat, said, rules, streams, now)
    if chosen is None:
        return [outcome(row, "none", why=why)]
    rule_id, definition = chosen
    reaction = acted(chat, definition.actions, rule_id, streams)
    return _group(row, "rule", reaction, rule_id=rule_id)


def outcome(row: Row, verdict: Verdict, **more: Any) -> Ask:
    command = Consider(
        workspace_id=row.workspace_id,
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        account_id=row.account_id,
        verdict=verdict,
        **more,
    )
    return Ask(consideration, consideration_id(row.message_id), command, leads=True)


def _group(row: Row, verdict: Verdict, reaction: Reaction, **more: Any) -> list[Ask]:
    lead = outcome(row, verdict, answer_id=reaction.answer_id, why=reaction.why, **more)
    return [lead, *reaction.asks]


def _chat(row: Row, streams: Streams) -> Chat:
    state: Conversation = streams.look(conversation, row.conversation_id, row.workspace_id)
    version, _ = streams.stands(row.conversation_id)
    person: Contact = streams.look(contact, row.contact_id, row.workspace_id)
    return Chat(row.workspace_id, row.message_id, row.conversation_id, state, version, person)


def _wished(row: Row, chat: Chat, wanted: Wish, streams: Streams, now: datetime) -> list[Ask]:
    """Consent follows the word however old it is; it is confirmed once, and while it is fresh."""
    verdict: Verdict = "stop_word" if wanted.stop else "start_word"
    asks = consent(chat, stop=wanted.stop, reason=f"said {wanted.word}")
    if not asks:
        return [outcome(row, verdict, why="opted_out_already", word=wanted.word)]
    why = _too_late(row, chat, now)
    if why:
        return _group(row, verdict, Reaction(asks, why=why), word=wanted.word)
    confirmation = Content(kind="text", text=wanted.answer)
    reaction = answer(chat, lambda: confirmation, None, streams)
    together = reaction._replace(asks=[*reaction.asks, *asks])
    return _group(row, verdict, together, word=wanted.word)


def _too_late(row: Row, chat: Chat, now: datetime) -> str:
    """Why nothing automatic is said to this conversation now."""
    state = chat.state
    if now - row.at > FRESH:
        return "too_old"
    if state.bot_until is not None and state.bot_until > now:
        return "taken_over"
    if len([at for at, _ in state.automatic if now - at < HOUR]) >= AUTOMATIC:
        return "too_many"
    return ""


def _hindrance(row: Row, chat: Chat, said: Received, now: datetime) -> str:
    return _too_late(row, chat, now) or ("repeats_us" if _repeats(chat, said) else "")


def _repeats(chat: Chat, said: Received) -> bool:
    """It says what we said last by ourselves: a machine on the other side, or a quotation."""
    text = " ".join(said.text.split())
    for _, snippet in chat.state.automatic[-1:]:
        begins, own = normal(text), normal(snippet.removesuffix("…"))
        long_enough = len(own) >= SHORTEST_REPEAT
        if long_enough and (begins == own or (snippet.endswith("…") and begins.startswith(own))):
            return True
    return False


def _chosen(
    row: Row, chat: Chat, said: Received, rules: Rules, streams: Streams, now: datetime
) -> tuple[tuple[UUID, Definition] | None, str]:
    """The first rule that matches and has not just answered here; else why there is none."""
    if not rules.enabled:
        return None, "no_rules"
    hours = hours_of(streams, row.workspace_id)
    heard = Heard(
        text=said.text,
        payload=said.payload,
        first=row.nth == 1,
        account_id=row.account_id,
        labels=chat.state.labels,
        opted_out=chat.person.consent == "withdrawn",
        language=chat.person.profile.language,
    )
    why = "no_match"
    for rule_id, definition in rules.enabled:
        if not matches(definition, heard, now, hours, rules.search):
            continue
        last = chat.state.answered_by.get(rule_id)
        if last is not None and now - last < timedelta(seconds=definition.cool_down_s):
            why = "cooling_down"
            continue
        current: Rule = streams.look(rule, rule_id, row.workspace_id)
        if current.status == "enabled" and current.definition == definition:
            return (rule_id, definition), ""
        why = "rule_changed"
    return None, why
