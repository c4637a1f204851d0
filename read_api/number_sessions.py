"""How a WAHA number's session stands, and the code to scan while one is waited for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from projections import provider_sessions as session_model
from projections.provider_sessions import provider_sessions
from read_api.query import Derived, Endpoint, by, in_workspace, one

_s = provider_sessions.c


def _fresh_qr(row: Mapping[str, Any]) -> str | None:
    """A code that is over would only be scanned in vain."""
    until: datetime | None = row["qr_expires_at"]
    over = until is None or until <= datetime.now(UTC).replace(tzinfo=None)
    return None if over else row["qr"]


QR = {
    "type": ["string", "null"],
    "description": "To be drawn as a QR code and scanned with the phone before `qr_expires_at`.",
}

ENDPOINTS: tuple[Endpoint, ...] = (
    one(
        "/v1/accounts/{account_id}/session",
        "The session of a WAHA number, with the code to scan",
        select(
            _s.account_id,
            _s.session,
            _s.status,
            _s.reason,
            _s.asked,
            _s.changed_at,
            _s.qr,
            _s.qr_expires_at,
            _s.version,
        ).where(in_workspace(provider_sessions), by(_s.account_id)),
        session_model.projection,
        permission="numbers.manage",
        derived=(Derived("qr", _fresh_qr, QR),),
    ),
)
