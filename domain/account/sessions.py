"""The session of a number: what is asked of it, and what the provider says has become of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.account.commands import AnswerSession, AskSession, ReportSession, ShowQr
from domain.account.events import (
    AccountEvent,
    NumberResumed,
    SessionAnswered,
    SessionAsked,
    SessionChanged,
    SessionQrShown,
)
from domain.account.state import Account
from domain.ids import show
from domain.kernel import Rejected
from domain.notification import number_paused
from domain.refusals import wrong_state

SESSION_DOWN: Final = "session_not_working"
"""Stands in the reason of a pause that ends by itself once the session works again."""
MOST_CODES: Final = 60
"""Shown in a row while nobody scans one; whoever comes later asks for a restart."""
LONGEST_QR: Final = 1000


def only_waha(account: Account, command: AskSession | ReportSession | AnswerSession) -> None:
    """Refused for a number without a session."""
    if not account.is_waha:
        raise Rejected(
            "no_session",
            f"number {show('account', command.account_id)} is not reached through a session; "
            "only a WAHA number has one",
        )


def ask(account: Account, command: AskSession) -> Sequence[AccountEvent]:
    """Of different asks that the provider has not answered yet, the newest counts."""
    only_waha(account, command)
    if account.status == "disconnected":
        raise wrong_state("account", account.status, "have its session changed", "connected")
    if account.session.asked == command.action:
        return []
    return [
        SessionAsked(
            workspace_id=command.workspace_id,
            account_id=command.account_id,
            action=command.action,
            ask=account.session.asks + 1,
        )
    ]


def answer(account: Account, command: AnswerSession) -> Sequence[AccountEvent]:
    only_waha(account, command)
    if command.ask != account.session.asks or command.ask == account.session.answered:
        return []
    return [
        SessionAnswered(
            workspace_id=command.workspace_id,
            account_id=command.account_id,
            ask=command.ask,
            taken=command.taken,
            reason=command.reason,
        )
    ]


def report(account: Account, command: ReportSession) -> Sequence[AccountEvent]:
    """Reports come late and twice: one from before the last one changes nothing.

    People are told when a session that worked has ended; what was paused for that goes on by
    itself when it works again.
    """
    only_waha(account, command)
    session = account.session
    ids = {"workspace_id": command.workspace_id, "account_id": command.account_id}
    if command.at is not None and session.at is not None and command.at < session.at:
        return []
    if command.status == session.status:
        # It was down for so short a time that only a send had noticed.
        return [NumberResumed(**ids)] if command.status == "working" and _down(account) else []
    changed = SessionChanged(
        **ids, status=command.status, was=session.status, reason=command.reason, at=command.at
    )
    if command.status == "working" and _down(account):
        return [changed, NumberResumed(**ids)]
    lost = session.status == "working" and command.status in {"failed", "scan_qr"}
    if account.status != "connected" or not (lost or command.status == "failed"):
        return [changed]
    shown = account.number.display_phone_number if account.number else ""
    why = f"{SESSION_DOWN}: {command.status}" + (f": {command.reason}" if command.reason else "")
    return [changed, number_paused(command.workspace_id, command.account_id, shown, why)]


def _down(account: Account) -> bool:
    return account.status == "paused" and SESSION_DOWN in account.pause_reason


def show_qr(account: Account, command: ShowQr, now: datetime) -> Sequence[AccountEvent]:
    """Only while one is waited for; the same one again is no news."""
    session = account.session
    wanted = account.status != "disconnected" and session.status == "scan_qr"
    if not wanted or command.qr == session.qr or session.codes >= MOST_CODES:
        return []
    if not 0 < len(command.qr) <= LONGEST_QR or command.expires_at <= now:
        return []
    return [
        SessionQrShown(
            workspace_id=command.workspace_id,
            account_id=command.account_id,
            qr=command.qr,
            expires_at=command.expires_at,
        )
    ]
