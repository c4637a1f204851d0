"""The rules of a number: absent -> connected <-> disconnected; while connected it may be paused."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.account import reports, sessions
from domain.account.commands import (
    AccountCommand,
    AllowCampaigns,
    AnswerSession,
    AskSession,
    ConnectNumber,
    DisconnectNumber,
    ForbidCampaigns,
    PauseNumber,
    ReportNumber,
    ReportSession,
    ResumeNumber,
    ShowQr,
    SwitchReadReceipts,
)
from domain.account.connecting import connect
from domain.account.events import (
    AccountEvent,
    CampaignsAllowed,
    CampaignsForbidden,
    NumberDisconnected,
    NumberPaused,
    NumberResumed,
    ReadReceiptsSwitched,
    SessionAsked,
)
from domain.account.state import Account, evolve
from domain.ids import show
from domain.kernel import Decider, Rejected
from domain.notification import number_paused
from domain.refusals import not_found, wrong_state


def decide(account: Account, command: AccountCommand, now: datetime) -> Sequence[AccountEvent]:
    """What follows from the request; nothing if it is so already."""
    if isinstance(command, ConnectNumber):
        return connect(account, command)
    if account.status == "absent":
        raise not_found("account", command.account_id)
    match command:
        case DisconnectNumber():
            return _disconnect(account, command)
        case ReportNumber():
            return reports.report(account, command)
        case PauseNumber():
            return _pause(account, command)
        case ResumeNumber():
            return _resume(account, command)
        case AllowCampaigns() | ForbidCampaigns():
            return _campaigns(account, command)
        case SwitchReadReceipts():
            return _read_receipts(account, command)
        case AskSession():
            return sessions.ask(account, command)
        case AnswerSession():
            return sessions.answer(account, command)
        case ReportSession():
            return sessions.report(account, command)
        case ShowQr():
            return sessions.show_qr(account, command, now)
        case _:
            assert_never(command)


def _disconnect(account: Account, command: DisconnectNumber) -> Sequence[AccountEvent]:
    """A session would go on receiving what the customers write, so the phone is unlinked."""
    if account.status == "disconnected":
        return []
    gone = NumberDisconnected(
        workspace_id=command.workspace_id,
        account_id=command.account_id,
        reason=command.reason,
        provider="waha" if account.is_waha else "cloud_api",
    )
    if not account.is_waha:
        return [gone]
    unlink = SessionAsked(
        workspace_id=command.workspace_id,
        account_id=command.account_id,
        action="logout",
        ask=account.session.asks + 1,
    )
    return [unlink, gone]


def _pause(account: Account, command: PauseNumber) -> Sequence[AccountEvent]:
    if account.status == "disconnected":
        raise wrong_state("account", account.status, "be paused", "connected")
    if account.status == "paused":
        return []
    ids = {"workspace_id": command.workspace_id, "account_id": command.account_id}
    paused = NumberPaused(**ids, reason=command.reason)
    if not command.tell:
        return [paused]
    shown = account.number.display_phone_number if account.number else ""
    told = number_paused(command.workspace_id, command.account_id, shown, command.reason)
    return [paused, told]


def _resume(account: Account, command: ResumeNumber) -> Sequence[AccountEvent]:
    if account.status == "disconnected":
        raise wrong_state("account", account.status, "be resumed", "paused")
    if account.status == "connected":
        return []
    return [NumberResumed(workspace_id=command.workspace_id, account_id=command.account_id)]


def _campaigns(
    account: Account, command: AllowCampaigns | ForbidCampaigns
) -> Sequence[AccountEvent]:
    if account.status == "disconnected":
        raise wrong_state("account", account.status, "be given other rules", "connected")
    if not account.is_waha:
        raise Rejected(
            "campaigns_always_allowed",
            f"number {show('account', command.account_id)} is of the Cloud API, which always "
            "allows campaigns; pause the number to stop its sending",
        )
    wanted = isinstance(command, AllowCampaigns)
    if account.campaigns_allowed == wanted:
        return []
    fact = CampaignsAllowed if wanted else CampaignsForbidden
    return [fact(workspace_id=command.workspace_id, account_id=command.account_id)]


def _read_receipts(account: Account, command: SwitchReadReceipts) -> Sequence[AccountEvent]:
    """What a workspace has chosen stays so when the number is connected again."""
    if account.read_receipts == command.on:
        return []
    ids = {"workspace_id": command.workspace_id, "account_id": command.account_id}
    return [ReadReceiptsSwitched(**ids, on=command.on)]


account: Decider[Account, AccountCommand, AccountEvent] = Decider(
    "account", Account(), decide, evolve
)
