"""The company's side of a transcript: messages sent from here, outside campaigns."""

from typing import Any, Final, get_args

from domain.conversation import BusinessWrote
from domain.kernel import Event, Recorded
from domain.message import AboutMessage, Content, MessageEvent, MessageQueued
from projections import messages as message_log
from projections.chat import conversation_of, json_or_none, place
from projections.columns import canonical
from projections.message_words import found_by, words_of
from projections.reactions import answered_with
from projections.rows import Row
from projections.transcript_tables import of_message
from projections.words import line_of

_FARED: Final = frozenset(
    {
        *("status", "error_class", "error_code", "reason"),
        *("sent_at", "delivered_at", "read_at", "played_at", "failed_at"),
    }
)
"""What the message log knows of a message's way, under the same names."""
REPORTS: Final[frozenset[type[Event]]] = (
    frozenset(get_args(MessageEvent)) - {MessageQueued}
) & message_log.projection.handlers.keys()


def queued(event: MessageQueued, recorded: Recorded) -> list[Row]:
    if event.campaign_id is not None:
        return []
    content, words = event.content, words_of((event.content.text, event.content.filename))
    its_place = place(recorded.recorded_at, recorded.position)
    puts = {
        "conversation_id": conversation_of(event),
        "contact_id": event.contact_id,
        "account_id": event.account_id,
        "direction": "out",
        "place": its_place,
        "at": recorded.recorded_at,
        "kind": content.kind,
        "body": content.text,
        "media": json_or_none(_file(content)),
        "details": canonical(_particulars(content)),
        "answers": content.answers,
        "status": event.status,
        "words": line_of(words),
    }
    rows = [of_message(event, puts), *found_by(event, words, its_place, 0)]
    return [*rows, answered_with(event, recorded)] if content.kind == "reaction" else rows


def _file(content: Content) -> dict[str, str]:
    shown = {"url": content.link, "filename": content.filename}
    return {name: value for name, value in shown.items() if value}


def _particulars(content: Content) -> dict[str, Any]:
    """What a kind has beside text and file."""
    if content.kind != "template":
        return content.details
    named = {"template": content.template, "language": content.language}
    return {**content.details, **named}


def fared(event: AboutMessage, recorded: Recorded) -> list[Row]:
    """As the message log has it: the same status, the same instants."""
    if event.campaign_id is not None:
        return []
    row = message_log.projection.handlers[type(event)](event, recorded)
    assert isinstance(row, Row)
    puts = {name: value for name, value in row.puts.items() if name in _FARED}
    if wamid := row.puts.get("wamid"):
        puts["provider_id"] = wamid
    return [of_message(event, puts)]


def written(event: BusinessWrote, recorded: Recorded) -> Row:
    """Who wrote it."""
    del recorded
    return of_message(event, {"author_id": event.user_id, "automatic": int(event.automatic)})
