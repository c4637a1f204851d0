"""A whole write side in miniature: real store, real read models, one workspace with a number."""

import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from commands import accounts
from commands.execute import Ask, execute, execute_many
from commands.policies.audience import AudiencePolicy
from commands.policies.cancellations import CancellationsPolicy
from commands.policies.completion import CompletionPolicy
from commands.policies.inbox import InboxPolicy
from commands.policies.schedule import SchedulePolicy
from commands.policies.template_campaigns import TemplateCampaignsPolicy
from commands.policies.unresolved import UnresolvedPolicy
from commands.policies.zones import Zones
from domain import ids
from domain.account import ConnectNumber, ReportSession, account
from domain.campaign import Audience, DraftCampaign, LaunchCampaign, Plan, campaign
from domain.contact import AddContact, JoinGroup, Profile, contact
from domain.group import CreateGroup, group
from domain.identifier import ClaimIdentifier, identifier
from domain.kernel import Metadata
from domain.template import ApproveTemplate, SubmitTemplate, template
from domain.workspace import CreateWorkspace, workspace
from infra.database import connect
from infra.event_store import open_store
from infra.event_store.inbox import Inbox
from infra.files.folder import FolderStorage
from infra.leases import Leases
from projections.all import ALL
from projections.runner import Runner
from projections.sink import Sink
from tests.migrated import migrated

NUMBER, WABA = "106540352242922", "100000000000001"
BODY = "Hello {{1}}, spring is here."


class Stage:
    def __init__(self, folder, store_url=None, read_url=None):
        self.store_url = store_url or f"sqlite:///{folder / 'store.sqlite'}"
        self.read_url = read_url or f"sqlite:///{folder / 'read.sqlite'}"
        migrated(self.store_url, "store")
        migrated(self.read_url, "read")
        self.store = open_store(self.store_url)
        self.read = connect(self.read_url, durable=False)
        self.engine = connect(self.store_url)
        self.inbox, self.leases = Inbox(self.engine), Leases(self.engine)
        self.files = FolderStorage(folder / "files")
        self.runner = Runner(self.store, Sink(self.read, ALL, 1))
        self.zones = Zones(self.read)
        self._stop, self._threads = threading.Event(), []
        self.ws = self.new_workspace()
        self.account = self.number(NUMBER, WABA)
        self.template = self.approved_template()
        self.project()

    def close(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.store.close()
        self.read.dispose()
        self.engine.dispose()

    def follow(self):
        """Keep the read models up to date from now on, as a service would."""
        thread = threading.Thread(target=self.runner.run, args=(self._stop,))
        thread.start()
        self._threads.append(thread)

    def project(self):
        while self.runner.step():
            pass

    def do(self, decider, stream_id, command, now=None):
        asks, now = [Ask(decider, stream_id, command)], now or datetime.now(UTC)
        return execute(self.store, asks, Metadata(), now)

    def new_workspace(self, **options):
        id_ = uuid7()
        self.do(workspace, id_, CreateWorkspace(workspace_id=id_, name="Acme", **options))
        return id_

    def number(self, phone_number_id, waba_id, *, ws=None, mps=1000, shown="+15550000001"):
        account_id = ids.name_id(UUID(int=0), "number", phone_number_id)
        command = ConnectNumber(
            workspace_id=ws or self.ws,
            account_id=account_id,
            phone_number_id=phone_number_id,
            waba_id=waba_id,
            display_phone_number=shown,
            messages_per_second=mps,
        )
        self.do(account, account_id, command)
        return account_id

    def session(self, name, *, status="working", ws=None, **caps):
        """A number that is reached through WAHA, by a session of that name."""
        about = {"workspace_id": ws or self.ws, "account_id": accounts.account_id(name)}
        shown = {"waba_id": "", "display_phone_number": "+15550000002"}
        connect = ConnectNumber(**about, phone_number_id=name, provider="waha", **shown, **caps)
        self.do(account, about["account_id"], connect)
        self.do(account, about["account_id"], ReportSession(**about, status=status))
        return about["account_id"]

    def submitted_template(self, name="spring", body=BODY, **options):
        template_id = ids.name_id(self.account, "template", f"{name}:en_US")
        about = {"workspace_id": self.ws, "template_id": template_id}
        parts = {"name": name, "language": "en_US", "category": "MARKETING", "body": body}
        command = SubmitTemplate(**about, account_id=self.account, **parts | options)
        self.do(template, template_id, command)
        return template_id

    def approved_template(self, name="spring", body=BODY, **options):
        template_id = self.submitted_template(name, body, **options)
        about = {"workspace_id": self.ws, "template_id": template_id}
        self.do(template, template_id, ApproveTemplate(**about))
        return template_id

    def contact(self, phone, **profile):
        return self.contacts([{"phone": phone} | profile])[0]

    def contacts(self, profiles, ws=None):
        ws, made, groups = ws or self.ws, [], []
        for profile in profiles:
            about = {"workspace_id": ws, "contact_id": (id_ := uuid7())}
            made.append(id_)
            full = Profile(**{"first_name": "Ana"} | profile)
            stream = ids.identifier_id(ws, "phone", full.phone)
            claim = ClaimIdentifier(**about, kind="phone", value=full.phone)
            add = AddContact(**about, profile=full)
            groups.append([Ask(identifier, stream, claim), Ask(contact, id_, add)])
        for start in range(0, len(groups), 500):
            some = groups[start : start + 500]
            execute_many(self.store, some, Metadata(), datetime.now(UTC))
        return made

    def group(self, name, *contact_ids):
        group_id = ids.name_id(self.ws, "group", name)
        create = CreateGroup(workspace_id=self.ws, group_id=group_id, name=name)
        self.do(group, group_id, create)
        for id_ in contact_ids:
            self.do(
                contact, id_, JoinGroup(workspace_id=self.ws, contact_id=id_, group_id=group_id)
            )
        return group_id

    def draft(self, audience=None, **plan):
        campaign_id = uuid7()
        full = Plan(
            **{
                "name": "Spring",
                "account_id": self.account,
                "template_id": self.template,
                "audience": audience or Audience(kind="all"),
                "variables": {"1": "{first_name}"},
            }
            | plan
        )
        about = {"workspace_id": self.ws, "campaign_id": campaign_id}
        self.do(campaign, campaign_id, DraftCampaign(**about, plan=full))
        return campaign_id

    def launch(self, audience=None, **plan):
        campaign_id = self.draft(audience, **plan)
        command = LaunchCampaign(
            workspace_id=self.ws,
            campaign_id=campaign_id,
            template_status="approved",
            template_variables=tuple(plan.get("variables", {"1": ""})),
            account_status="connected",
        )
        self.do(campaign, campaign_id, command)
        return campaign_id

    def queued(self, audience=None, **plan):
        """A launched campaign, its audience queued, all of it in the read models."""
        campaign_id = self.launch(audience, **plan)
        self.settle(self.policy(AudiencePolicy, 1))
        return campaign_id

    def policy(self, kind, *more):
        return kind(self.store, self.read, self.zones, *more)

    def settle(self, *policies, now=None):
        """Step the policies and the read models until there is nothing to do."""
        self.project()
        while sum(p.step(now or datetime.now(UTC)) for p in policies):
            self.project()
        self.project()

    @staticmethod
    def clock():
        return datetime.now(UTC)

    def all_policies(self):
        return [
            self.policy(AudiencePolicy, 1),
            self.policy(SchedulePolicy),
            self.policy(UnresolvedPolicy),
            self.policy(CancellationsPolicy),
            self.policy(CompletionPolicy),
            self.policy(TemplateCampaignsPolicy),
            self.policy(InboxPolicy, self.inbox),
        ]

    def state(self, decider, stream_id):
        return decider.fold([r.event for r in self.store.load([stream_id])[stream_id]])

    def events(self, stream_id):
        return [r.event for r in self.store.load([stream_id])[stream_id]]

    def names(self, stream_id):
        return [type(event).__name__ for event in self.events(stream_id)]

    def rows(self, table, *where):
        with self.read.connect() as connection:
            return list(connection.execute(select(table).where(*where)))

    def row(self, table, *where):
        (found,) = self.rows(table, *where)
        return found

    def await_(self, reached, what, patience_s=20):
        """Project until it is so."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if not self._threads:
                self.project()
            if value := reached():
                return value
            time.sleep(0.01)
        raise AssertionError(f"{what} did not happen within {patience_s} s")


def now(**later):
    return datetime.now(UTC) + timedelta(**later)
