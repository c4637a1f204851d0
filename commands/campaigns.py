"""Commands on campaigns: drafting needs one permission, everything that leads to sending another."""

from typing import Any, Final

import msgspec
import uuid_utils.compat as uuids

from commands.bodies import AudienceBody, CampaignPatch, Empty, NewCampaign, Reasoned, Schedule
from commands.command import Command, Intent, Wanted, about
from commands.launches import launch
from commands.references import Reference, known
from commands.streams import Ask
from domain.account import account
from domain.campaign import (
    Audience,
    CancelCampaign,
    ChangeCampaign,
    DraftCampaign,
    PauseCampaign,
    Plan,
    ResumeCampaign,
    ScheduleCampaign,
    campaign,
)
from domain.contact import contact
from domain.group import group
from domain.links import check_taken
from domain.refusals import not_found
from domain.template import template
from domain.template.usage import NO_FILE


def _draft_campaign(wanted: Wanted) -> Intent:
    body: NewCampaign = wanted.body
    id_ = uuids.uuid7()
    plan = Plan(
        name=body.name,
        account_id=body.account_id,
        template_id=body.template_id,
        audience=_audience(body.audience),
        variables=body.variables,
        header_link=body.header_link or "",
    )
    _check_references(wanted, plan, {"account_id", "template_id", "audience"})
    command = DraftCampaign(workspace_id=wanted.workspace_id, campaign_id=id_, plan=plan)
    return Intent("campaign", id_, [Ask(campaign, id_, command)])


def _change_campaign(wanted: Wanted) -> Intent:
    patch: CampaignPatch = wanted.body
    present = _present_plan(wanted)
    given: dict[str, Any] = {
        name: getattr(patch, name) for name in patch.model_fields_set - {"audience", "variables"}
    }
    if "audience" in patch.model_fields_set:
        given["audience"] = _audience(patch.audience)
    if "variables" in patch.model_fields_set:
        merged = {**present.variables, **patch.variables} if patch.variables is not None else {}
        given["variables"] = {k: v for k, v in merged.items() if v is not None}
    if "header_link" in given:
        given["header_link"] = patch.header_link or ""
    plan = msgspec.structs.replace(present, **given)
    _check_references(wanted, plan, patch.model_fields_set)
    return about(wanted, campaign, ChangeCampaign(**wanted.named, plan=plan))


def _audience(body: AudienceBody) -> Audience:
    return Audience(kind=body.kind, groups=body.groups, contacts=body.contacts)


def _check_references(wanted: Wanted, plan: Plan, given: set[str]) -> None:
    references: list[Reference] = []
    if "account_id" in given:
        references.append((account, "account", plan.account_id, "/account_id"))
    if "template_id" in given:
        references.append((template, "template", plan.template_id, "/template_id"))
    if "audience" in given:
        audience = plan.audience
        for kind, decider, ids in (
            ("group", group, audience.groups),
            ("contact", contact, audience.contacts),
        ):
            place = f"/audience/{kind}s"
            references += [(decider, kind, id_, f"{place}/{n}") for n, id_ in enumerate(ids)]
    known(wanted, references)
    if plan.header_link:
        number = wanted.streams.look(account, plan.account_id, wanted.workspace_id)
        check_taken(takes_links=number.takes_links, instead=NO_FILE)


def _present_plan(wanted: Wanted) -> Plan:
    plan = wanted.streams.look(campaign, wanted.ids["campaign_id"], wanted.workspace_id).plan
    if plan is None:
        raise not_found("campaign", wanted.ids["campaign_id"])
    assert isinstance(plan, Plan)
    return plan


def _launch_campaign(wanted: Wanted) -> Intent:
    plan, id_ = _present_plan(wanted), wanted.ids["campaign_id"]
    return about(wanted, campaign, launch(wanted.streams, wanted.workspace_id, id_, plan))


def _schedule_campaign(wanted: Wanted) -> Intent:
    return about(wanted, campaign, ScheduleCampaign(**wanted.named, due_at=wanted.body.at))


def _pause_campaign(wanted: Wanted) -> Intent:
    return about(wanted, campaign, PauseCampaign(**wanted.named, reason=wanted.body.reason))


def _resume_campaign(wanted: Wanted) -> Intent:
    return about(wanted, campaign, ResumeCampaign(**wanted.named))


def _cancel_campaign(wanted: Wanted) -> Intent:
    return about(wanted, campaign, CancelCampaign(**wanted.named, reason=wanted.body.reason))


_ONE: Final = "/v1/campaigns/{campaign_id}"
_ID: Final = {"campaign_id": "campaign"}

COMMANDS: Final = (
    Command(
        "POST",
        "/v1/campaigns",
        "Draft a campaign",
        _draft_campaign,
        "campaigns.write",
        body=NewCampaign,
        status=201,
        key_required=True,
    ),
    Command(
        "PATCH",
        _ONE,
        "Change a campaign that is not launched (JSON merge patch)",
        _change_campaign,
        "campaigns.write",
        body=CampaignPatch,
        ids=_ID,
        match_required=True,
    ),
    *(
        Command("POST", f"{_ONE}/{verb}", summary, prepare, "campaigns.send", body, ids=_ID)
        for verb, summary, prepare, body in (
            ("schedule", "Launch a campaign at an instant", _schedule_campaign, Schedule),
            ("launch", "Launch a campaign now", _launch_campaign, Empty),
            ("pause", "Stop sending, for now", _pause_campaign, Reasoned),
            ("resume", "Go on sending", _resume_campaign, Empty),
            ("cancel", "Stop sending for good", _cancel_campaign, Reasoned),
        )
    ),
)
