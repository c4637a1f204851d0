"""Whether a number may send now, how fast, and how much of campaigns: as its read model shows it."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

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


_a = accounts.c
# Made once: to describe it anew for each handful of messages would take longer than to ask it.
ABLE: Final = select(
    _a.messages_per_second, _a.pace_ms, _a.messages_per_day, _a.campaigns_allowed
).where(
    _a.workspace_id == bindparam("workspace_id"),
    _a.account_id == bindparam("account_id"),
    may_send(),
)
"""What one number may; no row when it may not send."""
