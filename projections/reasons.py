"""Why messages of a campaign failed, by the provider's code, or were held back, by our reason."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Column, String

from domain.kernel import Recorded
from domain.message import AboutMessage, MessageFailed, MessageRejected, MessageSuppressed
from projections.columns import key, key_number, long_text, number, read_model
from projections.rows import Row

LONGEST_REASON: Final = 100
Reasoned = MessageSuppressed | MessageRejected | MessageFailed

campaign_failures = read_model(
    "campaign_failures",
    key("workspace_id"),
    key("campaign_id"),
    key_number("code"),
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


def reasons(event: Reasoned, recorded: Recorded) -> list[Row]:
    """What a campaign's message adds to the counts of reasons; the last reason of a code is shown.

    One held back before another attempt, whose first is then reported after all, stays among the
    suppressed: our side did hold it back.
    """
    del recorded
    if event.campaign_id is None:
        return []
    campaign = (event.workspace_id, event.campaign_id)
    if isinstance(event, MessageSuppressed):
        reason = event.reason[:LONGEST_REASON]
        row = Row(campaign_suppressions, (*campaign, reason), adds={"messages": 1})
        return [row] if "suppressed" in event.newly else []
    puts = {"reason": event.reason}
    row = Row(campaign_failures, (*campaign, event.code), puts, adds={"messages": 1})
    return [row] if "failed" in event.newly else []


def withdrawn(events: Iterable[AboutMessage]) -> list[Row]:
    """Of a campaign's messages that did not fail after all, their failures."""
    keys = [(event.workspace_id, event.campaign_id, event.failed_code) for event in events]
    return [Row(campaign_failures, key, adds={"messages": -1}) for key in keys]
