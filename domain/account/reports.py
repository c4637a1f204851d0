"""What the provider tells of a number or of the account it belongs to: each report counts once."""

from collections.abc import Sequence

from domain.account.commands import ReportNumber
from domain.account.events import (
    AccountEvent,
    NumberPaused,
    NumberQualityChanged,
    NumberReported,
)
from domain.account.state import Account
from domain.notification import number_paused


def report(account: Account, command: ReportNumber) -> Sequence[AccountEvent]:
    """The report as it came, and what follows from it for quality, limit and sending."""
    if command.report_id in account.reports:
        return []
    ids = {"workspace_id": command.workspace_id, "account_id": command.account_id}
    told = NumberReported(
        **ids,
        report_id=command.report_id,
        field=command.field,
        event=command.event,
        at=command.at,
        details=command.details,
    )
    return [told, *_rated(account, command), *_stopped(account, command)]


def _rated(account: Account, command: ReportNumber) -> Sequence[AccountEvent]:
    quality = command.quality or account.quality
    tier = command.tier or account.tier
    if (quality, tier) == (account.quality, account.tier):
        return []
    ids = {"workspace_id": command.workspace_id, "account_id": command.account_id}
    return [NumberQualityChanged(**ids, quality=quality, tier=tier)]


def _stopped(account: Account, command: ReportNumber) -> Sequence[AccountEvent]:
    if not command.pause or account.status != "connected":
        return []
    ids = {"workspace_id": command.workspace_id, "account_id": command.account_id}
    shown = account.number.display_phone_number if account.number else ""
    return [
        NumberPaused(**ids, reason=command.pause),
        number_paused(command.workspace_id, command.account_id, shown, command.pause),
    ]
