"""Search in what was said, the latest message first."""

from sqlalchemy import select

from projections import transcript as model
from projections.contacts import contacts
from projections.transcript_tables import transcript
from read_api.query import Endpoint, in_workspace, many
from read_api.search import IN_MESSAGES
from read_api.sharing import shared
from read_api.transcripts import kind_of, text_of

_t = transcript.c

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/messages/search",
        "Messages of conversations that have these words, latest first",
        select(
            _t.message_id,
            _t.conversation_id,
            _t.contact_id,
            _t.account_id,
            contacts.c.first_name,
            contacts.c.last_name,
            _t.place,
            _t.at,
            _t.direction,
            kind_of(_t).label("kind"),
            text_of(_t).label("text"),
        )
        .select_from(
            transcript.outerjoin(
                contacts,
                (contacts.c.workspace_id == _t.workspace_id)
                & (contacts.c.contact_id == _t.contact_id),
            )
        )
        .where(
            in_workspace(transcript),
            _t.place > "",
            _t.revoked_at.is_(None),
            shared(transcript),
        ),
        model.projection,
        _t.place,
        IN_MESSAGES,
        permission="conversations.read",
        descending=True,
    ),
)
