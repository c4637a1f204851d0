"""Whether a number may send now, how fast, and how much of campaigns: as its read model shows it."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_

from projections.accounts import accounts

ASKED: Final = (
    "workspace_id",
    "account_id",
    "phone_number_id",
    "provider",
    "messages_per_second",
    "pace_ms",
)


def may_send() -> ColumnElement[bool]:
    """Connected, and where it is reached through a session, that one works."""
    a = accounts.c
    reached = or_(a.provider != "waha", a.session_status == "working")
    return and_(a.status == "connected", reached)


def rate(row: Any) -> float:
    """Messages a second; a pace of several seconds between two is a fraction of one."""
    return 1000 / row.pace_ms if row.pace_ms else float(row.messages_per_second)
