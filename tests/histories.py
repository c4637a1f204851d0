"""Histories that could have happened: random requests, decided by the real rules."""

from datetime import timedelta
from random import Random
from uuid import UUID

from domain import account as acc
from domain import campaign as cmp
from domain import contact as con
from domain import contact_import as imp
from domain import group as grp
from domain import ids
from domain import message as msg
from domain import template as tpl
from domain import workspace as wsp
from domain.kernel import Metadata, Recorded, Rejected
from domain.wire import LogRecord, encode, encode_metadata, type_of
from tests.chat_history import chats
from tests.examples import ACCOUNT, CAMPAIGN, CONTACT, GROUP, IMPORT, KEY, TEMPLATE, WORKSPACE
from tests.notice_history import notices
from tests.people_history import people
from tests.report_history import reports
from tests.rule_history import rules
from tests.spec import NOW
from tests.waha_history import sessions

CONTACTS = (CONTACT, UUID(int=101), UUID(int=102))
GROUPS = (GROUP, UUID(int=111))
CAMPAIGNS = (CAMPAIGN, UUID(int=121))
NAMES = ("Ana", "Jörg Weiß", "محمد", "Siti Nur'aini", "")
METADATA = Metadata(actor="tester", time_zone="Asia/Jakarta")
WS = {"workspace_id": WORKSPACE}
BUSY = {"queued", "sending"}


class World:
    """Streams with their states. What is refused leaves no trace."""

    def __init__(self, seed):
        self.random, self.now = Random(seed), NOW
        self.states, self.versions, self.log = {}, {}, []

    def ask(self, decider, stream_id, command):
        state = self.states.get(stream_id, decider.initial)
        try:
            facts = decider.decide(state, command, self.now)
        except Rejected:
            return
        self.states[stream_id] = decider.fold(facts, state)
        for fact in facts:
            version = self.versions[stream_id] = self.versions.get(stream_id, 0) + 1
            position = len(self.log) + 1
            self.log.append(Recorded(position, stream_id, version, self.now, METADATA, fact))

    def step(self):
        self.now += timedelta(seconds=self.random.choice([0, 1, 40, 4000]))
        often = [contacts, campaigns, campaigns, messages, messages, messages, chats]
        steps = [*often, *often, others, others, people, reports, sessions, notices, rules]
        self.random.choice(steps)(self, self.random.choice)

    def pending(self, campaign_id):
        """Whether any of the campaign's messages is still to be sent."""
        kept = [self.states.get(ids.message_id(campaign_id, c)) for c in CONTACTS]
        return any(state is not None and state.status in BUSY for state in kept)

    def may_queue(self, campaign_id, contact_id):
        """Messages are for contacts there are; a campaign's are queued while its audience is."""
        if contact_id not in self.states:
            return False
        campaign = self.states.get(campaign_id, cmp.campaign.initial)
        return not campaign_id or (campaign.status == "running" and not campaign.complete)


def history(seed, steps):
    """The facts of that many random requests, the same ones every time."""
    world = World(seed)
    while len(world.log) < steps:
        world.step()
    return world.log


def contacts(world, choose):
    contact_id, group_id = choose(CONTACTS), choose(GROUPS)
    about = {**WS, "contact_id": contact_id}
    first, last = choose(NAMES), choose(NAMES)
    profile = con.Profile(phone=f"+6281{contact_id.int:08}", first_name=first, last_name=last)
    command = choose(
        [
            con.AddContact(**about, profile=profile),
            con.ChangeContact(**about, profile=profile),
            con.JoinGroup(**about, group_id=group_id),
            con.LeaveGroup(**about, group_id=group_id),
            con.OptOutContact(**about),
            con.OptInContact(**about),
            con.BlockContact(**about),
            con.DeleteContact(**about),
            con.RestoreContact(**about),
        ]
    )
    world.ask(con.contact, contact_id, command)


def campaigns(world, choose):
    campaign_id = choose(CAMPAIGNS)
    about = {**WS, "campaign_id": campaign_id}
    state = world.states.get(campaign_id, cmp.campaign.initial)
    plan = cmp.Plan(
        name=choose(["Spring", "Summer"]),
        account_id=ACCOUNT,
        template_id=TEMPLATE,
        audience=cmp.Audience(kind="all"),
    )
    launch = {
        "template_status": "approved",
        "template_variables": (),
        "account_status": "connected",
    }
    chunk = {"chunk": state.chunks + 1, "queued": 1, "suppressed": 0, "through": choose(CONTACTS)}
    command = choose(
        [
            cmp.DraftCampaign(**about, plan=plan),
            cmp.ChangeCampaign(**about, plan=plan),
            cmp.ScheduleCampaign(**about, due_at=world.now + timedelta(hours=choose([1, 2]))),
            cmp.LaunchCampaign(**about, **launch),
            cmp.QueueAudience(**about, **chunk, last=choose([True, False, False])),
            cmp.PauseCampaign(**about),
            cmp.ResumeCampaign(**about),
            cmp.ResumeCampaign(**about),
            cmp.CompleteCampaign(**about),
            *([cmp.CancelCampaign(**about)] if choose(range(5)) == 0 else []),
            *([cmp.FailCampaign(**about, reason="x")] if choose(range(5)) == 0 else []),
        ]
    )
    if isinstance(command, cmp.CompleteCampaign) and world.pending(campaign_id):
        return  # as the policy that completes campaigns has it
    world.ask(cmp.campaign, campaign_id, command)


def messages(world, choose):
    campaign_id, contact_id = choose([*CAMPAIGNS, None]), choose(CONTACTS)
    id_ = ids.message_id(campaign_id or WORKSPACE, contact_id)
    state = world.states.get(id_, msg.message.initial)
    about = {
        **WS,
        "message_id": id_,
        "campaign_id": campaign_id,
        "contact_id": contact_id,
        "account_id": ACCOUNT,
    }
    one, attempt = {**WS, "message_id": id_}, {"attempt": state.attempts}
    if state.phase == "absent" and not world.may_queue(campaign_id, contact_id):
        return
    status = choose(["sent", "delivered", "read", "failed", "played"])
    text = msg.Content(kind="text", text="Halo")
    refusal = {"error_class": choose("BTR"), "code": choose([130429, 131026]), "reason": "no"}
    command = choose(
        [
            msg.QueueMessage(**about, to="+6281200000", content=text),
            msg.QueueMessage(**about, to="+6281200000", content=text),
            msg.AttemptMessage(**one, attempt=state.attempts + 1),
            msg.AttemptMessage(**one, attempt=state.attempts + 1),
            msg.AcceptMessage(**one, **attempt, wamid=f"wamid.{id_.hex}", wa_id="6281200000"),
            msg.RejectMessage(**one, **attempt, **refusal),
            msg.MarkUnknown(**one, **attempt, reason="timeout"),
            msg.ObserveStatus(**one, status=status, at=world.now, wamid="", code=1, reason="r"),
            msg.ObserveStatus(**one, status=status, at=world.now, wamid="", code=1, reason="r"),
            *([msg.SuppressMessage(**about, reason="blocked")] if choose(range(4)) == 0 else []),
            *([msg.CancelMessage(**one, reason="x")] if choose(range(4)) == 0 else []),
        ]
    )
    world.ask(msg.message, id_, command)


def others(world, choose):
    number, template = {**WS, "account_id": ACCOUNT}, {**WS, "template_id": TEMPLATE}
    group_id, run = choose(GROUPS), {**WS, "import_id": IMPORT}
    done = world.states.get(IMPORT, imp.contact_import.initial).chunks
    row = imp.RowOutcome(line=done + 2, outcome=choose(["created", "invalid"]))
    text = {"name": "spring_sale", "language": "id", "category": "UTILITY", "body": "Halo"}
    connect = {"phone_number_id": "1", "waba_id": "2", "display_phone_number": "+62 811"}
    decider, stream_id, command = choose(
        [
            (wsp.workspace, WORKSPACE, wsp.CreateWorkspace(**WS, name="Toko")),
            (wsp.workspace, WORKSPACE, wsp.RenameWorkspace(**WS, name=choose(["Toko", "Warung"]))),
            (
                wsp.workspace,
                WORKSPACE,
                wsp.SetTimeZone(**WS, time_zone=choose(["UTC", "Asia/Tokyo"])),
            ),
            (
                wsp.workspace,
                WORKSPACE,
                wsp.SetQuietHours(
                    **WS, start_minute=choose([None, 60]), end_minute=choose([None, 90])
                ),
            ),
            (wsp.workspace, WORKSPACE, _key()),
            (wsp.workspace, WORKSPACE, wsp.RevokeApiKey(**WS, key_id=KEY)),
            (acc.account, ACCOUNT, acc.ConnectNumber(**number, **connect)),
            (acc.account, ACCOUNT, acc.PauseNumber(**number, reason="x")),
            (acc.account, ACCOUNT, acc.ResumeNumber(**number)),
            (acc.account, ACCOUNT, acc.DisconnectNumber(**number)),
            (tpl.template, TEMPLATE, tpl.SubmitTemplate(**template, account_id=ACCOUNT, **text)),
            (tpl.template, TEMPLATE, tpl.RegisterTemplate(**template, provider_template_id="9")),
            (tpl.template, TEMPLATE, tpl.ApproveTemplate(**template)),
            (tpl.template, TEMPLATE, tpl.RejectTemplate(**template, reason="x")),
            (tpl.template, TEMPLATE, tpl.PauseTemplate(**template, reason="x")),
            (grp.group, group_id, grp.CreateGroup(**WS, group_id=group_id, name=group_id.hex)),
            (imp.contact_import, IMPORT, imp.StartImport(**run, filename="people.csv")),
            (imp.contact_import, IMPORT, _chunk(run, done + 1, row)),
        ]
    )
    world.ask(decider, stream_id, command)


def _key():
    return wsp.IssueApiKey(**WS, key_id=KEY, name="CRM", secret_hash="ab" * 32, scopes=("read",))


def _chunk(run, number, row):
    return imp.RecordImportChunk(**run, chunk=number, rows=(row,))


def as_records(log):
    """The facts as a store keeps them."""
    return [
        LogRecord(
            r.position,
            r.event.workspace_id,
            r.stream_id,
            r.version,
            type_of(r.event),
            r.recorded_at,
            encode_metadata(r.metadata),
            encode(r.event),
        )
        for r in log
    ]
