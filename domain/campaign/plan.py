"""What a plan must be to be drafted, and what must be true for it to be launched."""

from typing import Final

from domain.campaign.commands import LaunchCampaign
from domain.campaign.events import Audience, Plan
from domain.ids import show
from domain.kernel import Rejected
from domain.refusals import check_name

CONTACTS: Final = 10_000
MEDIA: Final = frozenset({"image", "video", "document"})


def check_plan(plan: Plan) -> None:
    """Refused unless it has a name and says clearly who shall get it."""
    check_name("campaign", plan.name)
    problem = _audience_problem(plan.audience)
    if problem:
        raise Rejected("invalid_audience", problem)


def _audience_problem(audience: Audience) -> str:
    groups, contacts = len(audience.groups), len(audience.contacts)
    given = f"this one has {groups} groups and {contacts} contacts"
    match audience.kind:
        case "all" if groups or contacts:
            return f"an audience of kind all names no groups and no contacts; {given}"
        case "groups" if not groups or contacts:
            return f"an audience of kind groups names at least one group and no contacts; {given}"
        case "contacts" if groups or not 1 <= contacts <= CONTACTS:
            return (
                f"an audience of kind contacts lists 1 to {CONTACTS} contacts, no groups; {given}"
            )
        case _:
            return _repeated("groups", groups - len(set(audience.groups))) or _repeated(
                "contacts", contacts - len(set(audience.contacts))
            )


def _repeated(what: str, times: int) -> str:
    return f"an audience names each of its {what} once; {times} are repetitions" if times else ""


def check_launch(plan: Plan, command: LaunchCampaign) -> None:
    """Refused unless the template may be sent, the number can, and every variable has a text."""
    if command.template_status != "approved":
        raise Rejected(
            "template_not_approved",
            f"the campaign's template is {command.template_status}; only an approved one is sent",
        )
    if command.account_status != "connected":
        raise Rejected(
            "account_not_connected", f"the campaign's number is {_number_problem(command)}"
        )
    _check_template(plan, command)
    _check_variables(plan, command)


def _number_problem(command: LaunchCampaign) -> str:
    if command.account_status == "paused":
        why = f" ({command.account_reason})" if command.account_reason else ""
        return f"paused{why}; resume the number, then launch the campaign"
    return f"{command.account_status}; connect it, then launch the campaign"


def _check_template(plan: Plan, command: LaunchCampaign) -> None:
    if command.template_account not in (None, plan.account_id):
        raise Rejected(
            "template_of_another_number",
            f"the campaign's template belongs to {show('account', command.template_account)}, but "
            f"it sends from {show('account', plan.account_id)}; both have to be the same number",
        )
    if command.template_header in MEDIA and not plan.header_link:
        raise Rejected(
            "header_link_missing",
            f"the template's header is of kind {command.template_header}; "
            "the plan has to give the address of the file as header_link",
        )
    if plan.header_link and command.template_header not in MEDIA:
        raise Rejected(
            "header_link_unexpected",
            "the plan has a header_link, but the template has no header of kind image, video or "
            "document; take the header_link out",
        )


def _check_variables(plan: Plan, command: LaunchCampaign) -> None:
    wanted, given = set(command.template_variables), set(plan.variables)
    if missing := sorted(wanted - given):
        raise Rejected(
            "missing_variables",
            f"the plan has no text for the template's variables {', '.join(missing)}",
        )
    if unknown := sorted(given - wanted):
        raise Rejected(
            "unknown_variables",
            f"the template has no variables {', '.join(unknown)}; "
            f"it has {', '.join(command.template_variables) or 'none'}",
        )
