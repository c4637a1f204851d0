"""How a number is connected, and what is usual for the provider that reaches it."""

import re
from collections.abc import Sequence
from typing import Final

from domain.account.commands import ConnectNumber
from domain.account.events import AccountEvent, NumberConnected
from domain.account.state import Account
from domain.kernel import Rejected
from domain.refusals import check_name, exists

FASTEST: Final = 1000
"""Messages a second; more than this no number of the Cloud API may send."""
WAHA_PACE_MS, WAHA_QUICKEST_MS, SLOWEST_MS = 6_000, 1_000, 600_000
WAHA_MESSAGES_PER_DAY, WAHA_MOST_PER_DAY = 500, 5_000
"""WAHA is not WhatsApp's own interface: who sends much or quickly from such a number loses it."""
SESSION_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
"""It begins with a letter, so it is never the Cloud API's id of a number."""


def connect(account: Account, command: ConnectNumber) -> Sequence[AccountEvent]:
    """Connecting it again as it is changes nothing."""
    waha = command.provider == "waha"
    number = NumberConnected(
        workspace_id=command.workspace_id,
        account_id=command.account_id,
        provider=command.provider,
        phone_number_id=command.phone_number_id,
        waba_id=command.waba_id,
        display_phone_number=command.display_phone_number,
        name=command.name,
        messages_per_second=1 if waha else command.messages_per_second,
        pace_ms=command.pace_ms or (WAHA_PACE_MS if waha else 0),
        messages_per_day=command.messages_per_day or (WAHA_MESSAGES_PER_DAY if waha else 0),
    )
    if account.status in {"connected", "paused"}:
        if number != account.number:
            advice = "disconnect it first, then connect it with the new ones"
            raise exists("account", command.account_id, advice)
        return []
    check_name("account", command.name, optional=True)
    if waha:
        _check_waha(number)
    else:
        _check_cloud_api(command)
    return [number]


def _check_cloud_api(command: ConnectNumber) -> None:
    for field in ("phone_number_id", "waba_id"):
        if not getattr(command, field).strip():
            raise Rejected(
                f"invalid_{field}", f"{field} is the provider's id of it, and is not blank"
            )
    _within("messages_per_second", command.messages_per_second, 1, FASTEST)
    for field in ("pace_ms", "messages_per_day"):
        if getattr(command, field):
            raise Rejected(
                f"invalid_{field}", f"{field} is for WAHA numbers; this one has messages_per_second"
            )


def _check_waha(number: NumberConnected) -> None:
    if not SESSION_NAME.fullmatch(number.phone_number_id):
        raise Rejected(
            "invalid_session",
            "the name of a WAHA session is a letter, then up to 63 letters, digits, hyphens and "
            f"underscores; this is {number.phone_number_id[:80]!r}",
        )
    if number.waba_id:
        raise Rejected("invalid_waba_id", "a WAHA number belongs to no WABA; leave waba_id out")
    _within("pace_ms", number.pace_ms, WAHA_QUICKEST_MS, SLOWEST_MS)
    _within("messages_per_day", number.messages_per_day, 1, WAHA_MOST_PER_DAY)


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise Rejected(f"invalid_{field}", f"{field} is {least} to {most}; this is {value}")
