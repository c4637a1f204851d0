"""An account is one WhatsApp number of a workspace.

Absent -> connected <-> disconnected; while connected it may be paused, which stops its sending.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel import Command, Decider, Event, Rejected
from domain.notification import NotificationRaised, number_paused
from domain.refusals import check_name, exists, not_found, wrong_state

FASTEST: Final = 1000
"""Messages a second; more than this no number of the provider may send."""

Quality = Literal["GREEN", "YELLOW", "RED", "UNKNOWN"]


class NumberConnected(Event):
    account_id: UUID
    provider: Literal["cloud_api"]
    phone_number_id: str
    waba_id: str
    display_phone_number: str
    name: str
    messages_per_second: int


class NumberDisconnected(Event):
    account_id: UUID
    reason: str


class NumberQualityChanged(Event):
    account_id: UUID
    quality: Quality
    tier: str


class NumberPaused(Event):
    account_id: UUID
    reason: str


class NumberResumed(Event):
    account_id: UUID


AccountEvent = (
    NumberConnected
    | NumberDisconnected
    | NumberQualityChanged
    | NumberPaused
    | NumberResumed
    | NotificationRaised
)


class ConnectNumber(Command):
    account_id: UUID
    phone_number_id: str
    waba_id: str
    display_phone_number: str
    name: str = ""
    messages_per_second: int = 80


class DisconnectNumber(Command):
    account_id: UUID
    reason: str = ""


class ReportQuality(Command):
    account_id: UUID
    quality: Quality
    tier: str = ""


class PauseNumber(Command):
    """With `tell`, people are told: nobody of the workspace has asked for the pause."""

    account_id: UUID
    reason: str
    tell: bool = False


class ResumeNumber(Command):
    account_id: UUID


AccountCommand = ConnectNumber | DisconnectNumber | ReportQuality | PauseNumber | ResumeNumber


class Account(msgspec.Struct, frozen=True, kw_only=True):
    status: Literal["absent", "connected", "disconnected", "paused"] = "absent"
    number: NumberConnected | None = None
    quality: Quality = "UNKNOWN"
    tier: str = ""
    pause_reason: str = ""


def evolve(account: Account, event: AccountEvent) -> Account:
    """The account after that fact."""
    match event:
        case NumberConnected():
            return replace(account, status="connected", number=event, pause_reason="")
        case NumberDisconnected():
            return replace(account, status="disconnected", pause_reason="")
        case NumberQualityChanged():
            return replace(account, quality=event.quality, tier=event.tier)
        case NumberPaused():
            return replace(account, status="paused", pause_reason=event.reason)
        case NumberResumed():
            return replace(account, status="connected", pause_reason="")
        case NotificationRaised():
            return account
        case _:
            assert_never(event)


def decide(account: Account, command: AccountCommand, now: datetime) -> Sequence[AccountEvent]:
    """What follows from the request; nothing if it is so already."""
    del now  # no rule of an account depends on the time
    ids = {"workspace_id": command.workspace_id, "account_id": command.account_id}
    if isinstance(command, ConnectNumber):
        return _connect(account, command)
    if account.status == "absent":
        raise not_found("account", command.account_id)
    match command:
        case DisconnectNumber():
            if account.status == "disconnected":
                return []
            return [NumberDisconnected(**ids, reason=command.reason)]
        case ReportQuality():
            if (account.quality, account.tier) == (command.quality, command.tier):
                return []
            return [NumberQualityChanged(**ids, quality=command.quality, tier=command.tier)]
        case PauseNumber():
            return _pause(account, command)
        case ResumeNumber():
            if account.status == "disconnected":
                raise wrong_state("account", account.status, "be resumed", "paused")
            return [] if account.status == "connected" else [NumberResumed(**ids)]
        case _:
            assert_never(command)


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


def _connect(account: Account, command: ConnectNumber) -> Sequence[AccountEvent]:
    number = NumberConnected(
        workspace_id=command.workspace_id,
        account_id=command.account_id,
        provider="cloud_api",
        phone_number_id=command.phone_number_id,
        waba_id=command.waba_id,
        display_phone_number=command.display_phone_number,
        name=command.name,
        messages_per_second=command.messages_per_second,
    )
    if account.status in {"connected", "paused"}:
        if number != account.number:
            advice = "disconnect it first, then connect it with the new ones"
            raise exists("account", command.account_id, advice)
        return []
    check_name("account", command.name, optional=True)
    for field in ("phone_number_id", "waba_id"):
        if not getattr(command, field).strip():
            raise Rejected(
                f"invalid_{field}", f"{field} is the provider's id of it, and is not blank"
            )
    if not 1 <= command.messages_per_second <= FASTEST:
        raise Rejected(
            "invalid_messages_per_second",
            f"messages_per_second is 1 to {FASTEST}; this is {command.messages_per_second}",
        )
    return [number]


account: Decider[Account, AccountCommand, AccountEvent] = Decider(
    "account", Account(), decide, evolve
)
