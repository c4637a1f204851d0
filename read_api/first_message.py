"""Where a transcript's first page begins, so that what a search has found is seen in its place."""

from typing import Final

from sqlalchemy import bindparam, select

from domain.ids import parse
from projections.transcript_tables import transcript
from read_api.query import Filter, by, in_workspace
from read_api.structures import id_schema

_first = transcript.alias("first")
_PLACE: Final = (
    select(_first.c.place)
    .where(
        in_workspace(_first),
        by(_first.c.conversation_id),
        _first.c.message_id == bindparam("first_message_id"),
    )
    .scalar_subquery()
)

FROM: Final = Filter(
    "from",
    id_schema("message"),
    "Begin with this message instead of the latest one; `next` and `previous` lead on from there.",
    lambda text: {"first_message_id": parse("message", text[:40])},
    lambda statement, _: statement.where(transcript.c.place <= _PLACE),
    sealed=False,
)
