"""What people may ask about campaigns and their messages."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Select, select

from projections import campaigns as campaign_model
from projections import messages as message_model
from projections.campaigns import COUNTERS, campaigns
from projections.messages import messages
from projections.reasons import campaign_failures, campaign_suppressions
from read_api.filters import one_of
from read_api.query import Derived, Endpoint, Filter, by, in_workspace, many, one, part

CAMPAIGN_STATUS = (
    "draft", "scheduled", "running", "paused", "completed", "cancelled", "failed",
)  # fmt: skip
MESSAGE_STATUS = (
    "queued", "sending", "unknown", "accepted", "sent", "failed", "delivered", "read", "played",
    "suppressed", "cancelled", "expired",
)  # fmt: skip


def _status(column: Column[str], allowed: Sequence[str], index: str, which: str) -> Filter:
    """`index` has the rows of one state in the order of the list."""
    usual = one_of("status", allowed, column, which)

    def narrow(statement: Select[Any], names: Collection[str]) -> Select[Any]:
        hint = f"FORCE INDEX ({index})"
        return usual.narrow(statement, names).with_hint(column.table, hint, "mysql")

    return usual._replace(narrow=narrow)


def _rate(part_: str, whole: str) -> Callable[[Mapping[str, Any]], float | None]:
    """A percentage with two decimals, or None where there is nothing to divide by."""

    def rate(row: Mapping[str, Any]) -> float | None:
        share: float = 100.0 * row[part_] / (row[whole] or 1)
        return round(share, 2) if row[whole] else None

    return rate


def _delivery_seconds(row: Mapping[str, Any]) -> float | None:
    if not row["delivered"]:
        return None
    seconds: float = row["delivery_ms_total"] / row["delivered"] / 1000
    return round(seconds, 2)


_number = {"type": ["number", "null"]}
FIGURES = (
    Derived("delivery_rate", _rate("delivered", "accepted"), _number),
    Derived("read_rate", _rate("read", "delivered"), _number),
    Derived("average_delivery_seconds", _delivery_seconds, _number),
)
_campaign = (
    campaigns.c.campaign_id,
    campaigns.c.name,
    campaigns.c.status,
    campaigns.c.account_id,
    campaigns.c.template_id,
    campaigns.c.plan,
    campaigns.c.due_at,
    campaigns.c.launched_at,
    campaigns.c.completed_at,
    campaigns.c.reason,
    campaigns.c.audience_done,
    campaigns.c.recipients,
    *(campaigns.c[column] for column in COUNTERS.values()),
    campaigns.c.delivery_ms_total,
    campaigns.c.created_at,
    campaigns.c.version,
)
_inside = {"workspace_id", "month"}
_message = tuple(column for column in messages.c if column.name not in _inside)

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/campaigns",
        "Campaigns, newest first, with their figures",
        select(*_campaign).where(in_workspace(campaigns)),
        campaign_model.projection,
        campaigns.c.campaign_id,
        _status(
            campaigns.c.status,
            CAMPAIGN_STATUS,
            "ix_campaigns_status",
            "Only campaigns in this state.",
        ),
        permission="campaigns.read",
        descending=True,
        derived=FIGURES,
    ),
    one(
        "/v1/campaigns/{campaign_id}",
        "One campaign with its figures and the reasons of its failures and suppressions",
        select(*_campaign).where(in_workspace(campaigns), by(campaigns.c.campaign_id)),
        campaign_model.projection,
        part(
            "failures",
            select(
                campaign_failures.c.code, campaign_failures.c.reason, campaign_failures.c.messages
            )
            .where(
                in_workspace(campaign_failures),
                by(campaign_failures.c.campaign_id),
                campaign_failures.c.messages > 0,
            )
            .order_by(campaign_failures.c.code),
        ),
        part(
            "suppressions",
            select(campaign_suppressions.c.reason, campaign_suppressions.c.messages)
            .where(in_workspace(campaign_suppressions), by(campaign_suppressions.c.campaign_id))
            .order_by(campaign_suppressions.c.reason),
        ),
        permission="campaigns.read",
        derived=FIGURES,
    ),
    many(
        "/v1/campaigns/{campaign_id}/messages",
        "The campaign's messages",
        # Left to itself, MySQL sorts the messages of small campaigns.
        select(*_message)
        .where(in_workspace(messages), by(messages.c.campaign_id))
        .with_hint(messages, "FORCE INDEX (ix_messages_listed)", "mysql"),
        message_model.projection,
        messages.c.message_id,
        _status(
            messages.c.status,
            MESSAGE_STATUS,
            "ix_messages_campaign",
            "Only messages with this status.",
        ),
        permission="messages.read",
        parent=select(campaigns.c.version).where(
            in_workspace(campaigns), by(campaigns.c.campaign_id)
        ),
    ),
    one(
        "/v1/messages/{message_id}",
        "One message",
        select(*_message).where(in_workspace(messages), by(messages.c.message_id)),
        message_model.projection,
        permission="messages.read",
    ),
)
