"""Whatever is asked in whatever order: facts that evolve accepts, and nothing twice."""

from datetime import timedelta

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from msgspec.structs import replace

from domain import account as acc
from domain import campaign as cmp
from domain import contact as con
from domain import contact_import as imp
from domain import group as grp
from domain import identifier as idf
from domain import template as tpl
from domain import workspace as wsp
from domain.kernel import Rejected
from tests.examples import (
    ACCOUNT,
    CAMPAIGN,
    CONTACT,
    DAY,
    GROUP,
    IMPORT,
    KEY,
    OTHER_CONTACT,
    SECOND,
    TEMPLATE,
    WORKSPACE,
    ana,
    plan,
    submission,
)
from tests.spec import NOW, over_the_wire

here = {"workspace_id": WORKSPACE}
the_account = {**here, "account_id": ACCOUNT}
the_contact = {**here, "contact_id": CONTACT}
the_template = {**here, "template_id": TEMPLATE}
the_campaign = {**here, "campaign_id": CAMPAIGN}
the_import = {**here, "import_id": IMPORT}
phone = {**here, "kind": "phone", "value": ana.phone}
two = st.sampled_from([CONTACT, OTHER_CONTACT])
few = st.integers(0, 3)
names = st.sampled_from(["a", "b", ""])


def number(rate):
    return acc.ConnectNumber(
        **the_account,
        phone_number_id="1",
        waba_id="2",
        display_phone_number="",
        messages_per_second=rate,
    )


def key(key_id, scopes):
    return wsp.IssueApiKey(**here, key_id=key_id, name="k", secret_hash="", scopes=scopes)


def chunk(n, last):
    return cmp.QueueAudience(
        **the_campaign, chunk=n, queued=n, suppressed=1, through=CONTACT, last=last
    )


launch = cmp.LaunchCampaign(
    **the_campaign,
    template_status="approved",
    template_variables=("1",),
    account_status="connected",
)
rows = (imp.RowOutcome(line=2, outcome="created", contact_id=CONTACT),)

REQUESTS = {
    "workspace": st.one_of(
        names.map(lambda name: wsp.CreateWorkspace(**here, name=name)),
        names.map(lambda name: wsp.RenameWorkspace(**here, name=name)),
        names.map(lambda zone: wsp.SetTimeZone(**here, time_zone=zone)),
        st.builds(
            lambda a, b: wsp.SetQuietHours(**here, start_minute=a, end_minute=b),
            st.none() | few,
            st.none() | few,
        ),
        st.builds(key, st.sampled_from([KEY, CONTACT]), st.sampled_from([(), ("read",), ("x",)])),
        st.sampled_from([KEY, CONTACT]).map(lambda k: wsp.RevokeApiKey(**here, key_id=k)),
    ),
    "account": st.one_of(
        st.sampled_from([number(1), number(2), number(0)]),
        st.sampled_from(
            [
                acc.DisconnectNumber(**the_account),
                *(
                    acc.ReportNumber(
                        **the_account, report_id=f"{n}", field="f", event="e", details={}, **what
                    )
                    for n, what in enumerate(
                        [{"quality": "RED"}, {"tier": "TIER_1K"}, {"pause": "ban"}]
                    )
                ),
                acc.PauseNumber(**the_account, reason="x"),
                acc.ResumeNumber(**the_account),
                acc.ConnectNumber(
                    **the_account,
                    phone_number_id="shop",
                    waba_id="",
                    display_phone_number="",
                    provider="waha",
                ),
                acc.AllowCampaigns(**the_account),
                acc.ForbidCampaigns(**the_account),
            ]
        ),
        st.sampled_from(["start", "stop"]).map(
            lambda action: acc.AskSession(**the_account, action=action)
        ),
        few.map(lambda ask: acc.AnswerSession(**the_account, ask=ask, taken=ask > 1)),
        st.builds(
            lambda status, at: acc.ReportSession(**the_account, status=status, at=at),
            st.sampled_from(["connecting", "scan_qr", "working", "failed"]),
            st.none() | few.map(lambda n: NOW + n * SECOND),
        ),
        few.map(lambda n: acc.ShowQr(**the_account, qr=f"{n}", expires_at=NOW + DAY)),
    ),
    "identifier": st.builds(
        lambda kind, who: kind(**phone, contact_id=who),
        st.sampled_from([idf.ClaimIdentifier, idf.ReleaseIdentifier]),
        two,
    ),
    "group": names.map(lambda name: grp.CreateGroup(**here, group_id=GROUP, name=name)),
    "contact": st.one_of(
        st.builds(
            lambda kind, name: kind(**the_contact, profile=replace(ana, first_name=name)),
            st.sampled_from([con.AddContact, con.ChangeContact]),
            st.sampled_from(["", "Ana", " "]),
        ),
        st.builds(
            lambda kind, group: kind(**the_contact, group_id=group),
            st.sampled_from([con.JoinGroup, con.LeaveGroup]),
            two,
        ),
        st.sampled_from(
            [
                con.OptInContact(**the_contact),
                con.OptOutContact(**the_contact),
                con.BlockContact(**the_contact),
                con.DeleteContact(**the_contact),
                con.RestoreContact(**the_contact),
            ]
        ),
    ),
    "template": st.sampled_from(
        [
            submission,
            replace(submission, body="Hai {{1}}"),
            replace(submission, body="Hai {{2}}"),
            tpl.RegisterTemplate(**the_template, provider_template_id="1"),
            tpl.RegisterTemplate(**the_template, provider_template_id="2"),
            tpl.ApproveTemplate(**the_template),
            tpl.RejectTemplate(**the_template, reason="x"),
            tpl.PauseTemplate(**the_template, reason="x"),
            tpl.DisableTemplate(**the_template, reason="x"),
        ]
    ),
    "campaign": st.one_of(
        st.builds(
            lambda kind, name: kind(**the_campaign, plan=replace(plan, name=name)),
            st.sampled_from([cmp.DraftCampaign, cmp.ChangeCampaign]),
            names,
        ),
        few.map(lambda n: cmp.ScheduleCampaign(**the_campaign, due_at=NOW + n * SECOND)),
        st.builds(chunk, few, st.booleans()),
        st.sampled_from(
            [
                launch,
                replace(launch, template_status="paused"),
                cmp.PauseCampaign(**the_campaign),
                cmp.ResumeCampaign(**the_campaign),
                cmp.CancelCampaign(**the_campaign),
                cmp.CompleteCampaign(**the_campaign),
                cmp.FailCampaign(**the_campaign, reason="x"),
            ]
        ),
    ),
    "import": st.one_of(
        names.map(lambda name: imp.StartImport(**the_import, filename=name)),
        few.map(lambda n: imp.RecordImportChunk(**the_import, chunk=n, rows=rows * n)),
        st.sampled_from([imp.FinishImport(**the_import), imp.FailImport(**the_import, reason="x")]),
    ),
}
DECIDERS = {
    "workspace": wsp.workspace,
    "account": acc.account,
    "identifier": idf.identifier,
    "group": grp.group,
    "contact": con.contact,
    "template": tpl.template,
    "campaign": cmp.campaign,
    "import": imp.contact_import,
}


@pytest.mark.parametrize("category", list(DECIDERS))
@forall(data=st.data())
def test_asking_again_changes_nothing_and_facts_are_all_there_is(category, data):
    decider, requests = DECIDERS[category], REQUESTS[category]
    state, past, now = decider.initial, [], NOW - DAY
    for command in data.draw(st.lists(requests, max_size=25)):
        now += timedelta(hours=1)
        try:
            facts = list(decider.decide(state, command, now))
        except Rejected:
            continue
        state = decider.fold(facts, state)
        past += facts
        assert list(decider.decide(state, command, now)) == []
    assert decider.fold([over_the_wire(fact) for fact in past]) == state


@forall(st.lists(REQUESTS["campaign"], max_size=30))
def test_an_ended_campaign_never_moves_again(commands):
    state, ended = cmp.campaign.initial, None
    for command in commands:
        try:
            state = cmp.campaign.fold(cmp.campaign.decide(state, command, NOW), state)
        except Rejected:
            continue
        assert ended in {None, state.status}
        if state.status in {"completed", "cancelled", "failed"}:
            ended = state.status


@forall(st.lists(REQUESTS["contact"], max_size=30))
def test_group_counts_made_of_facts_fit_who_is_in_the_group(commands):
    state, count = con.contact.initial, 0
    for command in commands:
        try:
            facts = con.contact.decide(state, command, NOW)
        except Rejected:
            continue
        state = con.contact.fold(facts, state)
        for fact in facts:
            match fact:
                case con.ContactJoinedGroup():
                    count += 1
                case con.ContactLeftGroup():
                    count -= 1
                case con.ContactDeleted(groups=groups):
                    count -= len(groups)
                case con.ContactRestored(groups=groups):
                    count += len(groups)
        assert count == (len(state.groups) if state.status == "live" else 0)
