"""A long history as it happens: companies, contacts, campaigns, receipts in disorder, all decided
by the real rules and kept in a real store.
"""

from datetime import timedelta
from random import Random
from uuid import UUID, uuid5

from commands.execute import Ask, execute_many
from domain import account as acc
from domain import campaign as cmp
from domain import contact as con
from domain import contact_import as imp
from domain import group as grp
from domain import identifier as idf
from domain import ids
from domain import message as msg
from domain import template as tpl
from domain import workspace as wsp
from domain.kernel import Metadata, Rejected
from tests.recorded_answers import answers
from tests.recorded_notices import notices
from tests.recorded_people import people
from tests.reported import reported
from tests.spec import NOW
from tests.talked import talked

ZONES = ("Asia/Jakarta", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati")
NAMES = ("Ana", "Jürgen Weiß", "محمد العتيبي", "Siti Nur'aini", "O'Brien")
BATCH = 500


class Recording:
    """Asks are gathered and carried out in batches; a refusal is a mistake of this file."""

    def __init__(self, store, seed=7):
        self.store, self.random, self.now = store, Random(seed), NOW
        self.waiting = []

    def ask(self, metadata, decider, stream_id, command):
        self.ask_all(metadata, [Ask(decider, stream_id, command)])

    def ask_all(self, metadata, asks):
        """In one append."""
        self.waiting.append((asks, metadata))
        if len(self.waiting) >= BATCH:
            self.flush()

    def flush(self):
        groups, metadata = zip(*self.waiting, strict=True)
        done = execute_many(self.store, groups, metadata, self.now)
        refused = [answer for answer in done if isinstance(answer, Rejected)]
        assert not refused, refused[:3]
        self.waiting = []
        self.now += timedelta(seconds=self.random.choice([1, 60, 4000]))


def record(store, workspaces=24, contacts=110):
    """Fill an empty store; returns how many facts it holds then."""
    recording = Recording(store)
    companies = [Company(recording, n, contacts) for n in range(workspaces)]
    acts = (Company.begin, Company.gather, Company.prepare, Company.send, Company.talk)
    for act in (*acts, Company.finish):
        for company in companies:
            act(company)
        recording.flush()
    return store.head()


class Company:
    def __init__(self, recording, number, contacts):
        self.ws = UUID(int=10_000 + number)
        self.recording, self.random = recording, recording.random
        self.number, self.about = number, {"workspace_id": self.ws}
        self.metadata = Metadata(actor="tester", time_zone=ZONES[number % len(ZONES)])
        self.account, self.template, self.campaign, self.imported = (
            uuid5(self.ws, what) for what in ("account", "template", "campaign", "import")
        )
        self.groups = [ids.name_id(self.ws, "group", name) for name in ("vip", "new")]
        self.contacts = [uuid5(self.ws, f"contact {n}") for n in range(contacts)]

    def ask(self, decider, stream_id, command, **parts):
        self.recording.ask(self.metadata, decider, stream_id, command(**self.about, **parts))

    def begin(self):
        zone = self.metadata.time_zone
        name = f"Company {self.number}"
        self.ask(wsp.workspace, self.ws, wsp.CreateWorkspace, name=name, time_zone=zone)
        parts = {"waba_id": "1", "display_phone_number": "+1555", "name": "Main"}
        number = {"account_id": self.account, "phone_number_id": str(self.number), **parts}
        self.ask(acc.account, self.account, acc.ConnectNumber, **number)
        for group_id, name in zip(self.groups, ("vip", "new"), strict=True):
            self.ask(grp.group, group_id, grp.CreateGroup, group_id=group_id, name=name)
        text = {"name": "spring", "language": "en", "category": "MARKETING", "body": "Hi {{1}}"}
        template = {"template_id": self.template}
        account = {"account_id": self.account}
        self.ask(tpl.template, self.template, tpl.SubmitTemplate, **template, **account, **text)
        self.ask(tpl.template, self.template, tpl.ApproveTemplate, **template)

    def gather(self):
        about = {"import_id": self.imported}
        self.ask(imp.contact_import, self.imported, imp.StartImport, **about, filename="a.csv")
        for n, id_ in enumerate(self.contacts):
            phone = f"+62812{self.number:03}{n:04}"
            self._add(n, id_, phone)
        rows = tuple(
            imp.RowOutcome(line=n + 2, outcome="created", contact_id=id_)
            for n, id_ in enumerate(self.contacts)
        )
        self.ask(
            imp.contact_import, self.imported, imp.RecordImportChunk, **about, chunk=1, rows=rows
        )
        self.ask(imp.contact_import, self.imported, imp.FinishImport, **about)

    def _add(self, n, id_, phone):
        contact = {"contact_id": id_}
        stream = ids.identifier_id(self.ws, "phone", phone)
        claim = {**contact, "kind": "phone", "value": phone}
        self.ask(idf.identifier, stream, idf.ClaimIdentifier, **claim)
        profile = con.Profile(
            phone=phone, first_name=self.random.choice(NAMES), attributes={"n": str(n)}
        )
        self.ask(con.contact, id_, con.AddContact, **contact, profile=profile, source="import")
        group = {"group_id": self.random.choice(self.groups)}
        self.ask(con.contact, id_, con.JoinGroup, **contact, **group)
        if n % 10 == 0:
            self.ask(con.contact, id_, con.LeaveGroup, **contact, **group)
            self.ask(con.contact, id_, con.JoinGroup, **contact, **group)
        if n % 9 == 0:
            changed = con.Profile(phone=phone, last_name="Renamed", email=f"c{n}@mail.example")
            self.ask(con.contact, id_, con.ChangeContact, **contact, profile=changed)
        if n % 11 == 0:
            self.ask(con.contact, id_, con.OptOutContact, **contact)
        if n % 13 == 0:
            self.ask(con.contact, id_, con.DeleteContact, **contact)

    def prepare(self):
        self._launch(self.campaign)
        for n, id_ in enumerate(self.contacts):
            self._queue(self.campaign, n, id_)
        about = {"campaign_id": self.campaign}
        chunk = {"chunk": 1, "through": None, "last": True}
        counts = {"queued": len(self.contacts), "suppressed": 0}
        self.ask(cmp.campaign, self.campaign, cmp.QueueAudience, **about, **chunk, **counts)

    def _draft(self, campaign_id):
        plan = cmp.Plan(
            name="Spring",
            account_id=self.account,
            template_id=self.template,
            audience=cmp.Audience(kind="all"),
            variables={"1": "{first_name}"},
        )
        self.ask(cmp.campaign, campaign_id, cmp.DraftCampaign, campaign_id=campaign_id, plan=plan)

    def _launch(self, campaign_id):
        self._draft(campaign_id)
        told = {"template_status": "approved", "account_status": "connected"}
        about = {"campaign_id": campaign_id, "template_variables": ("1",)}
        self.ask(cmp.campaign, campaign_id, cmp.LaunchCampaign, **about, **told)

    def _leave_work(self):
        """Something of everything that may still be to do."""
        running, scheduled = uuid5(self.ws, "running"), uuid5(self.ws, "scheduled")
        self._launch(running)
        for n in range(1, 6):
            self._queue(running, n, self.contacts[n])
        self._draft(scheduled)
        due = {"campaign_id": scheduled, "due_at": NOW + timedelta(days=900)}
        self.ask(cmp.campaign, scheduled, cmp.ScheduleCampaign, **due)
        pending = uuid5(self.ws, "pending")
        text = {"name": "summer", "language": "id", "category": "UTILITY", "body": "Halo"}
        about = {"template_id": pending, "account_id": self.account}
        self.ask(tpl.template, pending, tpl.SubmitTemplate, **about, **text)
        key = {"key_id": uuid5(self.ws, "key"), "secret_hash": f"{self.number:064x}"}
        self.ask(wsp.workspace, self.ws, wsp.IssueApiKey, **key, name="k", scopes=("read",))

    def _queue(self, campaign_id, n, contact_id):
        message_id = ids.message_id(campaign_id, contact_id)
        about = {"campaign_id": campaign_id, "contact_id": contact_id}
        about |= {"message_id": message_id, "account_id": self.account}
        if n % 11 == 0:
            self.ask(msg.message, message_id, msg.SuppressMessage, **about, reason="opted_out")
            return
        content = msg.Content(kind="template", template="spring", language="en", text="Hi Ana")
        to = f"+62812{self.number:03}{n:04}"
        self.ask(msg.message, message_id, msg.QueueMessage, **about, to=to, content=content)

    def send(self):
        for n, contact_id in enumerate(self.contacts):
            if n % 11:
                self._send(n, ids.message_id(self.campaign, contact_id))

    def _send(self, n, message_id):
        about, attempt = {"message_id": message_id}, {"attempt": 1}
        wamid = f"wamid.{message_id.hex}"
        self.ask(msg.message, message_id, msg.AttemptMessage, **about, **attempt)
        error = {"error_class": "R", "code": 131026, "reason": "not on WhatsApp"}
        if n % 23 == 0:
            self.ask(msg.message, message_id, msg.RejectMessage, **about, **attempt, **error)
            return
        if n % 17 == 0:
            self.ask(msg.message, message_id, msg.MarkUnknown, **about, **attempt, reason="timeout")
        else:
            answer = {"wamid": wamid, "wa_id": "62812"}
            self.ask(msg.message, message_id, msg.AcceptMessage, **about, **attempt, **answer)
        heard = ["sent", "delivered", "read"][: self.random.choice([0, 1, 2, 3, 3, 3])]
        heard += ["failed"] if n % 29 == 0 else []
        self.random.shuffle(heard)
        for status in heard:
            at = NOW + timedelta(hours=n, seconds=self.random.randrange(60))
            seen = {"status": status, "at": at, "wamid": wamid}
            error = {"code": 131026, "reason": "late"} if status == "failed" else {}
            self.ask(msg.message, message_id, msg.ObserveStatus, **about, **seen, **error)

    def talk(self):
        """Who comes in; what some customers write, and how they are answered."""
        for asks in people(self.ws, self.account):
            self.recording.ask_all(self.metadata, asks)
        for asks in notices(self.ws, self.account):
            self.recording.ask_all(self.metadata, asks)
        for asks in talked(self.ws, self.account, self.contacts[:12], self.random):
            self.recording.ask_all(self.metadata, asks)
        for asks in answers(self.ws, self.account, self.contacts[0]):
            self.recording.ask_all(self.metadata, asks)

    def finish(self):
        told = self.ws, self.account, self.template, self.contacts[:20]
        for asks in reported(*told):
            self.recording.ask_all(self.metadata, asks)
        about = {"campaign_id": self.campaign}
        self.ask(cmp.campaign, self.campaign, cmp.CompleteCampaign, **about)
        self._leave_work()
        if self.number % 5 == 0:
            self.ask(wsp.workspace, self.ws, wsp.RenameWorkspace, name="Renamed")
            self.ask(
                acc.account, self.account, acc.PauseNumber, account_id=self.account, reason="x"
            )
