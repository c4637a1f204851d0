"""The figures on a workspace's first screen: one row, always up to date.

`opted_out` and `blocked` count people, deleted ones included.
"""

from typing import Final

from domain.campaign import (
    CampaignCancelled,
    CampaignCompleted,
    CampaignDrafted,
    CampaignFailed,
    CampaignLaunched,
    CampaignPaused,
    CampaignResumed,
    CampaignScheduled,
)
from domain.contact import (
    ContactAdded,
    ContactBlocked,
    ContactDeleted,
    ContactOptedIn,
    ContactOptedOut,
    ContactRestored,
)
from domain.group import GroupCreated
from domain.kernel import Event, Recorded
from domain.message.status import STAGES
from domain.template import TemplateApproved, TemplateDisabled, TemplatePaused, TemplateRejected
from domain.workspace import WorkspaceCreated
from projections.columns import key, number, read_model
from projections.projection import Projection
from projections.rows import Row
from projections.stages import Counters
from projections.tally import Alike

CAMPAIGN_STATES: Final[dict[type[Event], str]] = {
    CampaignDrafted: "draft",
    CampaignScheduled: "scheduled",
    CampaignLaunched: "running",
    CampaignPaused: "paused",
    CampaignResumed: "running",
    CampaignCompleted: "completed",
    CampaignCancelled: "cancelled",
    CampaignFailed: "failed",
}
"""The state a campaign is in after the fact."""

workspace_dashboard = read_model(
    "workspace_dashboard",
    key("workspace_id"),
    number("contacts"),
    number("opted_out"),
    number("blocked"),
    number("contact_groups"),
    number("templates_approved"),
    *(number(f"campaigns_{state}") for state in dict.fromkeys(CAMPAIGN_STATES.values())),
    *(number(f"messages_{stage}") for stage in STAGES),
)

projection = Projection("dashboard", workspace_dashboard)
COUNTERS: Final = Counters({stage: f"messages_{stage}" for stage in STAGES})


def _figures(event: Event, **adds: int) -> Row:
    return Row(workspace_dashboard, (event.workspace_id,), adds=adds)


@projection.on
def opened(event: WorkspaceCreated, recorded: Recorded) -> Row:
    """A new workspace has figures too: noughts."""
    del recorded
    return _figures(event, contacts=0)


@projection.on
def contact_added(event: ContactAdded, recorded: Recorded) -> Row:
    del recorded
    return _figures(event, contacts=1)


@projection.on
def contact_deleted(event: ContactDeleted, recorded: Recorded) -> Row:
    del recorded
    return _figures(event, contacts=-1)


@projection.on
def contact_restored(event: ContactRestored, recorded: Recorded) -> Row:
    del recorded
    return _figures(event, contacts=int(event.was_deleted), blocked=-int(event.was_blocked))


@projection.on
def contact_blocked(event: ContactBlocked, recorded: Recorded) -> Row:
    del recorded
    return _figures(event, blocked=1)


@projection.on
def contact_opted_out(event: ContactOptedOut, recorded: Recorded) -> Row:
    del recorded
    return _figures(event, opted_out=1)


@projection.on
def contact_opted_in(event: ContactOptedIn, recorded: Recorded) -> Row:
    del recorded
    return _figures(event, opted_out=-int(event.was_opted_out))


@projection.on
def group_created(event: GroupCreated, recorded: Recorded) -> Row:
    del recorded
    return _figures(event, contact_groups=1)


@projection.on
def template_approved(event: TemplateApproved, recorded: Recorded) -> Row:
    del recorded
    return _figures(event, templates_approved=1)


def template_withdrawn(
    event: TemplateRejected | TemplatePaused | TemplateDisabled, recorded: Recorded
) -> Row:
    del recorded
    return _figures(event, templates_approved=-int(event.was == "approved"))


def campaign_moved(event: Event, recorded: Recorded) -> Row:
    """One more in the state it is in now, one less in the state it left."""
    del recorded
    adds = {f"campaigns_{CAMPAIGN_STATES[type(event)]}": 1}
    if was := _left(event):
        adds[f"campaigns_{was}"] = adds.get(f"campaigns_{was}", 0) - 1
    return _figures(event, **adds)


def _left(event: Event) -> str:
    match event:
        case CampaignPaused():
            return "running"
        case CampaignResumed():
            return "paused"
        case CampaignDrafted():
            return ""
        case _:
            return str(getattr(event, "was", ""))


def counted(alike: Alike) -> list[Row]:
    counts = alike.adds(COUNTERS)
    return [_figures(alike.first, **counts)] if counts else []


projection.handlers |= dict.fromkeys(
    [TemplateRejected, TemplatePaused, TemplateDisabled], template_withdrawn
)
projection.handlers |= dict.fromkeys(CAMPAIGN_STATES, campaign_moved)
projection.counting = counted
