"""What was said in conversations: one row per message of either side, whatever was heard first.

Each column belongs to facts of one stream, so the rows are the same in every order of streams: a
message's own facts say what it holds and how it fared, the conversation's who wrote it. A row
without a place is not shown: nothing but a report about the message is known yet. Campaign
messages are no part of it.
"""

from typing import Any

from domain.inbound import InboundEdited, InboundReacted, InboundReceived, InboundRevoked, Received
from domain.kernel import Recorded
from projections.chat import json_or_none, microseconds, place, whose
from projections.columns import canonical
from projections.message_words import found_by, message_words, words_of
from projections.projection import Projection
from projections.reactions import reacted, reactions
from projections.replies import REPORTS, fared, queued, written
from projections.rows import Row, put
from projections.transcript_tables import message_edits, of_message, transcript
from projections.words import line_of

projection = Projection(
    "transcript", transcript, message_edits, reactions, message_words, version=3
)


def _first_heard(
    event: InboundReceived | InboundEdited | InboundRevoked, recorded: Recorded
) -> dict[str, Any]:
    """Whose it is and where it stands, which is where the message itself says, once it is there."""
    return {
        **whose(event),
        "direction": "out" if event.echo else "in",
        "from_phone": int(event.echo),
        "provider_id": event.provider_id,
        "place": place(event.at, recorded.position),
        "at": event.at,
    }


@projection.on
def received(event: InboundReceived, recorded: Recorded) -> list[Row]:
    content, words = event.content, words_of(_said(event.content))
    puts = {
        **_first_heard(event, recorded),
        "kind": content.kind,
        "body": content.text,
        "media": json_or_none(content.media),
        "details": canonical(content.details),
        "payload": content.payload,
        "answers": content.answers,
        "sender": canonical(event.sender),
        "words": line_of(words),
    }
    return [of_message(event, puts), *found_by(event, words, puts["place"], 0)]


def _said(content: Received) -> tuple[str, ...]:
    return (content.text, content.media.filename if content.media else "")


@projection.on
def edited(event: InboundEdited, recorded: Recorded) -> list[Row]:
    """Every edit is kept; the one made last is shown, and found by what it says."""
    about = {"workspace_id": event.workspace_id, "message_id": event.message_id}
    kept = put(
        message_edits,
        **about,
        edit_id=event.edit_id,
        at=event.at,
        superseded=int(event.superseded),
        content=canonical(event.content),
        sender=canonical(event.sender),
    )
    if event.superseded:
        return [kept]
    edition, content = microseconds(event.at), event.content
    words, said_at = words_of(_said(content)), place(event.at, recorded.position)
    puts = {
        **(_first_heard(event, recorded) if recorded.version == 1 else {}),
        "edition": edition,
        "edited_at": event.at,
        "edited_kind": content.kind,
        "edited_body": content.text,
        "edited_media": json_or_none(content.media),
        "edited_details": canonical(content.details),
        "edited_payload": content.payload,
        "edited_words": line_of(words),
    }
    return [kept, of_message(event, puts), *found_by(event, words, said_at, edition)]


@projection.on
def revoked(event: InboundRevoked, recorded: Recorded) -> Row:
    first = _first_heard(event, recorded) if recorded.version == 1 else {}
    told = {"revoke_id": event.revoke_id, "sender": event.sender}
    puts = {**first, "revoked_at": event.at, "revocation": canonical(told)}
    return of_message(event, puts)


@projection.on
def reaction(event: InboundReacted, recorded: Recorded) -> Row:
    return reacted(event, recorded)


projection.on(queued)
projection.on(written)
projection.handlers |= dict.fromkeys(REPORTS, fared)
