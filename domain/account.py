"""An account is one WhatsApp number of a workspace.

Absent -> connected <-> disconnected; while connected it may be paused, which stops its sending.
"""

from typing import Literal
from uuid import UUID

from domain.kernel import Command, Event

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
    NumberConnected | NumberDisconnected | NumberQualityChanged | NumberPaused | NumberResumed
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
    account_id: UUID
    reason: str


class ResumeNumber(Command):
    account_id: UUID


AccountCommand = ConnectNumber | DisconnectNumber | ReportQuality | PauseNumber | ResumeNumber
