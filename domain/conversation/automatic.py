"""What is remembered of automatic answers, so that machines do not talk for ever."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.conversation.events import BusinessWrote

AUTOMATIC: Final = 5
"""So many automatic answers are remembered: what was said, and whether there were too many."""
COOL_DOWN: Final = timedelta(days=7)
"""After it, it does not matter any more when a rule has answered."""


def last_automatic(
    known: tuple[tuple[datetime, str], ...], event: BusinessWrote
) -> tuple[tuple[datetime, str], ...]:
    """Those remembered after a message of the company."""
    if not event.automatic:
        return known
    return (*known, (event.at, event.snippet))[-AUTOMATIC:]


def last_answers(known: Mapping[UUID, datetime], event: BusinessWrote) -> Mapping[UUID, datetime]:
    """When each rule has answered last, as far as it still matters."""
    if event.rule_id is None:
        return known
    since = event.at - COOL_DOWN
    kept = {id_: at for id_, at in known.items() if at > since}
    return {**kept, event.rule_id: event.at}
