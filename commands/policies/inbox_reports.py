"""Asks of what providers tell about templates, numbers and accounts, for each that is meant."""

from typing import Final

from commands.execute import Ask
from commands.policies.directory import Directory, OwnNumber
from commands.policies.verdicts import Asks, Kept, Resolved, Strange
from commands.policies.webhook_items import NumberReport, TemplateReport
from domain import ids
from domain.account import Quality, ReportNumber, account
from domain.template import ReportTemplate, template

QUALITIES: Final[dict[str, Quality]] = {"GREEN": "GREEN", "YELLOW": "YELLOW", "RED": "RED"}


def of_template(item: TemplateReport, directory: Directory) -> Resolved:
    """By the provider's id, and by name and language on each of the account's numbers."""
    known = set(directory.templates.get(item.provider_template_id, []))
    for number in directory.of_waba.get(item.waba_id, []):
        own = ids.name_id(number.account_id, "template", f"{item.name}:{item.language}")
        known.add((number.workspace_id, own))
    if not known:
        return Kept(f"unknown template {item.name} ({item.language}) of {item.waba_id}")
    groups = []
    for workspace_id, template_id in sorted(known):
        command = ReportTemplate(
            workspace_id=workspace_id,
            template_id=template_id,
            report_id=item.report_id,
            field=item.field,
            event=item.event,
            reason=item.reason,
            at=item.at,
            details=item.details,
        )
        groups.append([Ask(template, template_id, command)])
    return Asks(groups, any_of=True)


def of_numbers(item: NumberReport, directory: Directory) -> Resolved:
    numbers = _meant(item, directory)
    if not numbers:
        return Strange(_unknown(item))
    groups = []
    for number in numbers:
        command = ReportNumber(
            workspace_id=number.workspace_id,
            account_id=number.account_id,
            report_id=item.report_id,
            field=item.field,
            event=item.event,
            at=item.at,
            details=item.details,
            quality=QUALITIES.get(item.quality, ""),
            tier=item.tier,
            pause=item.pause,
        )
        groups.append([Ask(account, number.account_id, command)])
    return Asks(groups)


def _meant(item: NumberReport, directory: Directory) -> list[OwnNumber]:
    """The one number named, or all of the account."""
    if item.phone_number_id:
        number = directory.numbers.get(item.phone_number_id)
        return [] if number is None else [number]
    of_waba = next((own for id_ in item.waba_ids if (own := directory.of_waba.get(id_))), [])
    if not item.display_phone_number:
        return of_waba
    shown = _digits(item.display_phone_number)
    return [own for own in of_waba if _digits(own.display_phone_number) == shown]


def _unknown(item: NumberReport) -> str:
    account_ids = ", ".join(item.waba_ids)
    if item.phone_number_id:
        return f"unknown number {item.phone_number_id}"
    if item.display_phone_number:
        return f"unknown number {item.display_phone_number} of account {account_ids}"
    return f"unknown account {account_ids}"


def _digits(shown: str) -> str:
    return "".join(character for character in shown if character.isdigit())
