"""What a plan must be to be drafted, and what must be true for it to be launched."""

from typing import Final

from domain.campaign.commands import LaunchCampaign
from domain.campaign.events import Audience, Plan
from domain.ids import show
from domain.kernel import Rejected
from domain.links import check_link
from domain.refusals import check_name
from domain.template.usage import check_header, check_number, check_status, check_variables

CONTACTS: Final = 10_000


def check_plan(plan: Plan) -> None:
    """Refused unless it has a name, says clearly who shall get it, and links to a public place."""
    check_name("campaign", plan.name)
    if plan.header_link:
        check_link(plan.header_link)
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
    check_status(command.template_status, "the campaign")
    if command.account_status != "connected":
        raise Rejected(
            "account_not_connected", f"the campaign's number is {_number_problem(command)}"
        )
    if not command.account_campaigns:
        shown = show("account", plan.account_id)
        raise Rejected(
            "campaigns_not_allowed",
            f"the campaign's number {shown} is reached through WAHA, where campaigns can cost the "
            f"number; who wants them all the same allows them: POST /v1/accounts/{shown}"
            "/allow-campaigns",
        )
    check_number(command.template_account, plan.account_id, "the campaign")
    links = command.account_links
    check_header(command.template_header, plan.header_link, "the plan", takes_links=links)
    check_variables(command.template_variables, plan.variables, "the plan")


def _number_problem(command: LaunchCampaign) -> str:
    if command.account_status == "paused":
        why = f" ({command.account_reason})" if command.account_reason else ""
        return f"paused{why}; resume the number, then launch the campaign"
    return f"{command.account_status}; connect it, then launch the campaign"
