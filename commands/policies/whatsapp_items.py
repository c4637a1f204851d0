"""What webhooks of the Cloud API report, one value per item."""

from datetime import datetime
from typing import NamedTuple

from domain.message import Observed


class NotAPayload(Exception):
    """The body as a whole is not what the Cloud API sends; the message says why."""


class StatusReport(NamedTuple):
    """What became of a message. `callback` is what we sent along with it."""

    phone_number_id: str
    callback: str
    wamid: str
    status: Observed
    at: datetime
    code: int
    reason: str


class TemplateReport(NamedTuple):
    waba_id: str
    provider_template_id: str
    name: str
    language: str
    event: str
    reason: str


class Preference(NamedTuple):
    """`value` is stop or resume: marketing messages to that person."""

    phone_number_id: str
    wa_id: str
    value: str


class NumberReport(NamedTuple):
    """Quality or limit of a number, named as it is displayed."""

    waba_id: str
    display_phone_number: str
    event: str
    tier: str


class AccountReport(NamedTuple):
    """Something that stops every number of the account."""

    waba_id: str
    reason: str


class NotUnderstood(NamedTuple):
    """Kept for later: `what` names field and type, or what is wrong with the item."""

    what: str


Item = StatusReport | TemplateReport | Preference | NumberReport | AccountReport | NotUnderstood
