"""Webhook items into commands, in the workspace whose number, template or account they are about."""

from typing import Final
from uuid import UUID

from commands.execute import Ask
from commands.policies.directory import Directory, OwnNumber, own_message
from commands.policies.reactions import STOPPED_MARKETING, opted_out
from commands.policies.verdicts import Asks, Kept, Resolved, Unheard
from commands.policies.whatsapp_items import (
    AccountReport,
    Item,
    NotUnderstood,
    NumberReport,
    Preference,
    StatusReport,
    TemplateReport,
)
from commands.streams import Streams
from domain import ids
from domain.account import PauseNumber, Quality, ReportQuality, account
from domain.contact import OptInContact, contact
from domain.identifier import identifier
from domain.message import ObserveStatus, message
from domain.template import (
    ApproveTemplate,
    DisableTemplate,
    PauseTemplate,
    RejectTemplate,
    TemplateCommand,
    template,
)

NOBODY: Final = UUID(int=0)
FLAGGED: Final[dict[str, Quality]] = {"FLAGGED": "RED", "UNFLAGGED": "YELLOW"}
"""A flag says that quality is low; its end, that it is medium or better."""
QUALITIES: Final[dict[str, Quality]] = {"GREEN": "GREEN", "YELLOW": "YELLOW", "RED": "RED"}
LIMITS: Final = frozenset({"UPGRADE", "DOWNGRADE", "ONBOARDING"})


def streams_of(item: Item, directory: Directory) -> list[UUID]:
    """Streams that must be looked into before commands can be made of the item."""
    number = directory.numbers.get(getattr(item, "phone_number_id", ""))
    if number is None:
        return []
    if isinstance(item, Preference):
        return [_identifier(number, item.wa_id)]
    if isinstance(item, StatusReport) and item.code == STOPPED_MARKETING:
        found = _message_id(item, number, directory)
        return [found] if found else []
    return []


def resolve(item: Item, directory: Directory, streams: Streams) -> Resolved:
    match item:
        case NotUnderstood(what=what):
            return Kept(what)
        case StatusReport():
            return _status(item, directory, streams)
        case Preference():
            return _preference(item, directory, streams)
        case TemplateReport():
            return _template(item, directory)
        case NumberReport():
            return _number(item, directory)
        case AccountReport(waba_id=waba_id, reason=reason):
            pauses = [
                [Ask(account, n.account_id, PauseNumber(**_about(n), reason=reason, tell=True))]
                for n in directory.of_waba.get(waba_id, [])
            ]
            return Asks(pauses) if pauses else Kept(f"unknown account {waba_id}")


def _status(item: StatusReport, directory: Directory, streams: Streams) -> Resolved:
    number = directory.numbers.get(item.phone_number_id)
    if number is None:
        return Kept(f"unknown number {item.phone_number_id}")
    message_id = _message_id(item, number, directory)
    if message_id is None:
        return Unheard(f"unknown message {item.wamid}")
    command = ObserveStatus(
        workspace_id=number.workspace_id,
        message_id=message_id,
        status=item.status,
        at=item.at,
        wamid=item.wamid,
        code=item.code,
        reason=item.reason,
    )
    groups = [[Ask(message, message_id, command)]]
    if item.code == STOPPED_MARKETING:
        contact_id = streams.look(message, message_id, number.workspace_id).contact_id
        if contact_id != NOBODY:
            reason = f"{item.code}: {item.reason}"
            groups.append([opted_out(number.workspace_id, contact_id, reason)])
    return Asks(groups)


def _message_id(item: StatusReport, number: OwnNumber, directory: Directory) -> UUID | None:
    return own_message(item) or directory.by_wamid.get((number.workspace_id, item.wamid))


def _preference(item: Preference, directory: Directory, streams: Streams) -> Resolved:
    number = directory.numbers.get(item.phone_number_id)
    if number is None:
        return Kept(f"unknown number {item.phone_number_id}")
    stream_id, workspace_id = _identifier(number, item.wa_id), number.workspace_id
    contact_id = streams.look(identifier, stream_id, workspace_id).holder
    if contact_id is None:
        return Kept("user_preferences: no contact has that number")
    if item.value == "stop":
        return Asks([[opted_out(workspace_id, contact_id, "stopped marketing messages")]])
    command = OptInContact(workspace_id=workspace_id, contact_id=contact_id, source="webhook")
    return Asks([[Ask(contact, contact_id, command)]])


def _identifier(number: OwnNumber, wa_id: str) -> UUID:
    return ids.identifier_id(number.workspace_id, "phone", f"+{wa_id.lstrip('+')}")


def _template(item: TemplateReport, directory: Directory) -> Resolved:
    """By the provider's id, and by name and language on each of the account's numbers."""
    known = set(directory.templates.get(item.provider_template_id, []))
    for number in directory.of_waba.get(item.waba_id, []):
        own = ids.name_id(number.account_id, "template", f"{item.name}:{item.language}")
        known.add((number.workspace_id, own))
    groups = []
    for workspace_id, template_id in sorted(known):
        command = _template_command(item, workspace_id, template_id)
        if command is None:
            return Kept(f"not yet understood: message_template_status_update/{item.event}")
        groups.append([Ask(template, template_id, command)])
    if not groups:
        return Kept(f"unknown template {item.name} ({item.language}) of {item.waba_id}")
    return Asks(groups, any_of=True)


def _template_command(
    item: TemplateReport, workspace_id: UUID, template_id: UUID
) -> TemplateCommand | None:
    about = {"workspace_id": workspace_id, "template_id": template_id}
    match item.event:
        case "APPROVED" | "REINSTATED":
            return ApproveTemplate(**about)
        case "REJECTED":
            return RejectTemplate(**about, reason=item.reason)
        case "PAUSED":
            return PauseTemplate(**about, reason=item.reason)
        case "DISABLED":
            return DisableTemplate(**about, reason=item.reason)
    return None


def _number(item: NumberReport, directory: Directory) -> Resolved:
    shown = _digits(item.display_phone_number)
    number = next(
        (
            n
            for n in directory.of_waba.get(item.waba_id, [])
            if _digits(n.display_phone_number) == shown
        ),
        None,
    )
    if number is None:
        return Kept(f"unknown number {item.display_phone_number} of account {item.waba_id}")
    if item.event not in FLAGGED and item.event not in LIMITS:
        return Kept(f"not yet understood: phone_number_quality_update/{item.event}")
    quality = FLAGGED.get(item.event) or QUALITIES.get(number.quality, "UNKNOWN")
    command = ReportQuality(**_about(number), quality=quality, tier=item.tier)
    return Asks([[Ask(account, number.account_id, command)]])


def _about(number: OwnNumber) -> dict[str, UUID]:
    return {"workspace_id": number.workspace_id, "account_id": number.account_id}


def _digits(shown: str) -> str:
    return "".join(character for character in shown if character.isdigit())
