"""Webhook items into commands, in the workspace whose number, template or account they are about."""

from collections.abc import Iterable
from typing import Final, cast
from uuid import UUID

from commands.execute import Ask
from commands.policies.directory import Directory, OwnNumber, own_message
from commands.policies.inbox_chat import asks_of, is_known, streams_of_person
from commands.policies.inbox_people import People, identifier_stream
from commands.policies.inbox_reports import of_numbers, of_template
from commands.policies.inbox_waha import of_own, of_session
from commands.policies.reactions import STOPPED_MARKETING, opted_out
from commands.policies.verdicts import Asks, Kept, Resolved, Strange, Unheard
from commands.policies.waha_items import OwnMessage, SessionReport
from commands.policies.webhook_items import (
    CallItem,
    EditItem,
    FromPerson,
    Item,
    MessageItem,
    NotUnderstood,
    NumberReport,
    Preference,
    ReactionItem,
    RevokeItem,
    StatusReport,
    TemplateReport,
)
from commands.streams import Streams
from domain.contact import ReportPreference, contact
from domain.message import Observed, ObserveStatus, ReportMessage, message
from domain.message.status import OBSERVED

NOBODY: Final = UUID(int=0)


def streams_of(item: Item, directory: Directory) -> list[UUID]:
    """Streams that must be looked into before commands can be made of the item."""
    number = directory.numbers.get(getattr(item, "phone_number_id", ""))
    if number is None:
        return []
    match item:
        case MessageItem() | EditItem() | RevokeItem() | ReactionItem() | CallItem():
            return streams_of_person(item, number)
        case Preference(person=person):
            return [identifier_stream(number.workspace_id, *one) for one in person.identifiers]
        case StatusReport(code=code) if code == STOPPED_MARKETING:
            found = _message_id(item, number, directory)
            return [found] if found else []
    return []


def resolve(item: Item, directory: Directory, streams: Streams, people: People) -> Resolved:
    match item:
        case NotUnderstood(what=what):
            return Kept(what)
        case TemplateReport():
            return of_template(item, directory)
        case NumberReport():
            return of_numbers(item, directory)
    number = directory.numbers.get(item.phone_number_id)
    if number is None:
        return Strange(f"unknown number {item.phone_number_id}")
    match item:
        case StatusReport():
            return _status(item, number, directory, streams)
        case Preference():
            return _preference(item, number, people)
        case SessionReport():
            return of_session(item, number)
        case OwnMessage():
            return of_own(item, number, directory)
        case _:
            return _from_person(item, number, directory, streams, people)


def _from_person(
    item: FromPerson, number: OwnNumber, directory: Directory, streams: Streams, people: People
) -> Resolved:
    if is_known(item, number, streams):
        return Asks([])
    return Asks([asks_of(item, number, directory, streams, people)])


def _status(
    item: StatusReport, number: OwnNumber, directory: Directory, streams: Streams
) -> Resolved:
    message_id = _message_id(item, number, directory)
    if message_id is None:
        return Unheard(f"unknown message {item.wamid}")
    groups = [[Ask(message, message_id, command)] for command in _said(item, number, message_id)]
    if item.code == STOPPED_MARKETING:
        contact_id = streams.look(message, message_id, number.workspace_id).contact_id
        if contact_id != NOBODY:
            reason = f"{item.code}: {item.reason}"
            groups.append([opted_out(number.workspace_id, contact_id, reason)])
    return Asks(groups)


def _said(
    item: StatusReport, number: OwnNumber, message_id: UUID
) -> Iterable[ObserveStatus | ReportMessage]:
    """How far the message has come, and what that does not tell."""
    beyond = item.status not in OBSERVED
    if not beyond:
        yield ObserveStatus(
            workspace_id=number.workspace_id,
            message_id=message_id,
            status=cast("Observed", item.status),
            at=item.at,
            wamid=item.wamid,
            code=item.code,
            reason=item.reason,
            details={} if item.participant else item.details,
        )
    if beyond or item.participant:
        yield ReportMessage(
            workspace_id=number.workspace_id,
            message_id=message_id,
            reported=item.status,
            participant=item.participant,
            at=item.at,
            details=item.details,
        )


def _message_id(item: StatusReport, number: OwnNumber, directory: Directory) -> UUID | None:
    return own_message(item) or directory.by_wamid.get((number.account_id, item.wamid))


def _preference(item: Preference, number: OwnNumber, people: People) -> Resolved:
    """A wish counts whoever utters it: a person not known yet is known from now on."""
    met = people.meet(number.workspace_id, item.person)
    command = ReportPreference(
        workspace_id=number.workspace_id,
        contact_id=met.contact_id,
        account_id=number.account_id,
        category=item.category,
        value=item.value,
        at=item.at,
        details=item.details,
    )
    return Asks([[*met.asks, Ask(contact, met.contact_id, command)]])
