"""Why messages of a campaign failed, by the provider's code, or were held back, by our reason."""

from typing import Final

from sqlalchemy import Column, Integer, String

from domain.message import AboutMessage, MessageFailed, MessageRejected, MessageSuppressed
from projections.columns import key, long_text, number, read_model
from projections.rows import Row

LONGEST_REASON: Final = 100
_REASONED: Final = frozenset({MessageSuppressed, MessageRejected, MessageFailed})

campaign_failures = read_model(
    "campaign_failures",
    key("workspace_id"),
    key("campaign_id"),
    Column("code", Integer, primary_key=True, autoincrement=False),
    long_text("reason"),
    number("messages"),
)

campaign_suppressions = read_model(
    "campaign_suppressions",
    key("workspace_id"),
    key("campaign_id"),
    Column("reason", String(LONGEST_REASON), primary_key=True),
    number("messages"),
)


def reasons(event: AboutMessage) -> list[Row]:
    """What a campaign's message adds to the counts of reasons, or takes off them.

    One held back before another attempt, whose first is then reported after all, stays among the
    suppressions: our side did hold it back.
    """
    if type(event) not in _REASONED and "failed" not in event.no_longer:
        return []
    assert event.campaign_id is not None
    campaign, rows = (event.workspace_id, event.campaign_id), []
    if isinstance(event, MessageSuppressed) and "suppressed" in event.newly:
        reason = event.reason[:LONGEST_REASON]
        rows.append(Row(campaign_suppressions, (*campaign, reason), adds={"messages": 1}))
    if isinstance(event, MessageRejected | MessageFailed) and "failed" in event.newly:
        puts = {"reason": event.reason}
        rows.append(Row(campaign_failures, (*campaign, event.code), puts, adds={"messages": 1}))
    if "failed" in event.no_longer:
        failure = (*campaign, event.failed_code)
        rows.append(Row(campaign_failures, failure, adds={"messages": -1}))
    return rows
