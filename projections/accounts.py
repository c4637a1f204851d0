"""WhatsApp numbers: one row each, connected, disconnected or paused."""

from typing import Any

from sqlalchemy import Index

from domain.account import (
    AccountEvent,
    NumberConnected,
    NumberDisconnected,
    NumberPaused,
    NumberQualityChanged,
    NumberResumed,
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
        )
    ]
    if recorded.version == 1:  # connected again after a disconnection keeps its birthday
        rows.append(_account(event, recorded, created_at=recorded.recorded_at))
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
