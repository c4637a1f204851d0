"""WhatsApp numbers: one row each, connected, disconnected or paused."""

from typing import Any

from sqlalchemy import Index

from domain.account import (
    AccountEvent,
    CampaignsAllowed,
    CampaignsForbidden,
    NumberConnected,
    NumberDisconnected,
    NumberPaused,
    NumberQualityChanged,
    NumberResumed,
    ReadReceiptsSwitched,
    SessionAnswered,
    SessionAsked,
    SessionChanged,
    SessionQrShown,
)
from domain.kernel import Recorded
from projections.columns import instant, key, long_text, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, put

accounts = read_model(
    "accounts",
    key("workspace_id"),
    key("account_id"),
    text("provider", 16),
    text("phone_number_id", 64),
    text("waba_id", 64),
    text("display_phone_number", 64),
    text("name"),
    text("status", 16),
    text("quality", 16),
    text("tier", 64),
    long_text("pause_reason"),
    number("messages_per_second"),
    number("pace_ms"),
    number("messages_per_day"),
    number("campaigns_allowed", 1),
    number("read_receipts", 1),
    text("session_status", 16),
    instant("created_at"),
    number("version"),
    # A webhook names the number before the workspace is known.
    Index("ix_accounts_phone_number_id", "phone_number_id"),
    # Lanes name their number, not its workspace.
    Index("ix_accounts_account", "account_id"),
)

projection = Projection("accounts", accounts)


def _account(event: AccountEvent, recorded: Recorded, **columns: Any) -> Row:
    return put(
        accounts,
        workspace_id=event.workspace_id,
        account_id=event.account_id,
        version=recorded.version,
        **columns,
    )


@projection.on
def connected(event: NumberConnected, recorded: Recorded) -> list[Row]:
    rows = [
        _account(
            event,
            recorded,
            provider=event.provider,
            phone_number_id=event.phone_number_id,
            waba_id=event.waba_id,
            display_phone_number=event.display_phone_number,
            name=event.name,
            status="connected",
            pause_reason=None,
            messages_per_second=event.messages_per_second,
            pace_ms=event.pace_ms,
            messages_per_day=event.messages_per_day,
            campaigns_allowed=int(event.provider != "waha"),
        )
    ]
    if recorded.version == 1:  # connected again after a disconnection keeps birthday and session
        begun = "stopped" if event.provider == "waha" else ""
        first = {"created_at": recorded.recorded_at, "session_status": begun}
        rows.append(_account(event, recorded, **first))
    return rows


@projection.on
def disconnected(event: NumberDisconnected, recorded: Recorded) -> Row:
    return _account(event, recorded, status="disconnected", pause_reason=event.reason)


@projection.on
def quality_changed(event: NumberQualityChanged, recorded: Recorded) -> Row:
    return _account(event, recorded, quality=event.quality, tier=event.tier)


@projection.on
def paused(event: NumberPaused, recorded: Recorded) -> Row:
    return _account(event, recorded, status="paused", pause_reason=event.reason)


@projection.on
def resumed(event: NumberResumed, recorded: Recorded) -> Row:
    return _account(event, recorded, status="connected", pause_reason=None)


@projection.on
def campaigns_allowed(event: CampaignsAllowed, recorded: Recorded) -> Row:
    return _account(event, recorded, campaigns_allowed=1)


@projection.on
def campaigns_forbidden(event: CampaignsForbidden, recorded: Recorded) -> Row:
    return _account(event, recorded, campaigns_allowed=0)


@projection.on
def read_receipts_switched(event: ReadReceiptsSwitched, recorded: Recorded) -> Row:
    return _account(event, recorded, read_receipts=int(event.on))


@projection.on
def session_changed(event: SessionChanged, recorded: Recorded) -> Row:
    return _account(event, recorded, session_status=event.status)


def _only_the_version(
    event: SessionAsked | SessionAnswered | SessionQrShown, recorded: Recorded
) -> Row:
    """What they say stands in the session's own row."""
    return _account(event, recorded)


projection.handlers |= dict.fromkeys(
    [SessionAsked, SessionAnswered, SessionQrShown], _only_the_version
)
