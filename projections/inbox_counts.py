"""How many conversations are where, and how much of them has been read: counted as it happens.

One row per number, state, agent and team, so that any sum over them is exact and reads few rows,
also for people who see some numbers only. Nobody and no team are the id of noughts.

What is unread is what came in the eras since somebody began to read, less what they have read.
"""

from sqlalchemy import Column, String

from domain.conversation import (
    AboutConversation,
    ConversationAssigned,
    ConversationReadBy,
    CustomerWrote,
)
from domain.kernel import Recorded
from domain.readers import ReadingBegan
from projections.chat import NOBODY
from projections.columns import big, key, key_number, number, read_model
from projections.rows import Row, put

inbox_counts = read_model(
    "inbox_counts",
    key("workspace_id"),
    key("account_id"),
    Column("status", String(16), primary_key=True),
    key("assignee_id"),
    key("team_id"),
    number("conversations"),
)

inbox_received = read_model(
    "inbox_received",
    key("workspace_id"),
    key("account_id"),
    key_number("era"),
    big("messages"),
)

inbox_seen = read_model(
    "inbox_seen",
    key("workspace_id"),
    key("user_id"),
    key("account_id"),
    # The one in which the user had begun to read.
    key_number("era"),
    big("messages"),
)

inbox_readers = read_model(
    "inbox_readers",
    key("workspace_id"),
    key("user_id"),
    # The id of noughts: every number that has no row.
    key("account_id"),
    number("era"),
)


def moved_in(event: AboutConversation) -> list[Row]:
    """One less where it was before the fact, one more where it is after it."""
    before = (event.before, event.assignee_id, event.assigned_team_id)
    after = (event.status, event.assignee_id, event.assigned_team_id)
    if isinstance(event, ConversationAssigned):
        after = (event.status, event.user_id, event.team_id)
    if before == after:
        return []
    rows = [] if event.before == "absent" else [_count(event, *before, -1)]
    return [*rows, _count(event, *after, 1)]


def _count(event: AboutConversation, status: str, user: object, team: object, n: int) -> Row:
    where = (event.workspace_id, event.account_id, status, user or NOBODY, team or NOBODY)
    return Row(inbox_counts, where, adds={"conversations": n})


def received(event: CustomerWrote) -> Row:
    """One message more that anybody might read."""
    key_ = (event.workspace_id, event.account_id, event.era)
    return Row(inbox_received, key_, adds={"messages": 1})


def seen(event: ConversationReadBy) -> Row:
    """As many more as the user has read now."""
    key_ = (event.workspace_id, event.user_id, event.account_id, event.since)
    return Row(inbox_seen, key_, adds={"messages": max(0, event.seen - event.was)})


def began(event: ReadingBegan, recorded: Recorded) -> list[Row]:
    """From then on that is what the user is to read."""
    del recorded
    about = {"workspace_id": event.workspace_id, "user_id": event.user_id}
    numbers = [*event.account_ids, *([NOBODY] if event.everything else [])]
    return [put(inbox_readers, **about, account_id=number, era=event.era) for number in numbers]
