"""A company with a number, a customer who writes to it, and what the provider reports of both."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import uuid_utils.compat as uuids

from commands.execute import Ask, execute
from domain.conversation import CustomerWrites, conversation
from domain.ids import conversation_id, inbound_id, parse, show
from domain.inbound import Received, ReceiveMessage, inbound
from domain.kernel import Metadata
from domain.message import AcceptMessage, AttemptMessage, message
from domain.template import ApproveTemplate, template
from domain.workspace import CreateWorkspace, workspace

LINK = "https://files.example/a.jpg"


class Chat(NamedTuple):
    company: object
    account_id: UUID
    contact_id: UUID

    @property
    def id(self):
        return conversation_id(self.account_id, self.contact_id)

    @property
    def path(self):
        return f"/v1/conversations/{show('conversation', self.id)}"

    def ask(self, decider, stream_id, command, **more):
        about = {"workspace_id": self.company.workspace_id, **more}
        return execute(
            self.company.store,
            [Ask(decider, stream_id, command(**about))],
            Metadata(),
            datetime.now(UTC),
        )

    def customer_writes(self, text="Are you open?", at=None, wamid="wamid.A"):
        """What the inbox makes of a webhook; the message's id."""
        at, message_id = at or datetime.now(UTC), inbound_id(self.account_id, wamid)
        about = {
            "workspace_id": self.company.workspace_id,
            "conversation_id": self.id,
            "contact_id": self.contact_id,
            "account_id": self.account_id,
            "message_id": message_id,
            "at": at,
        }
        received = ReceiveMessage(
            **about,
            provider_id=wamid,
            content=Received(kind="text", text=text),
            sender={"wa_id": "6281234567890"},
        )
        wrote = CustomerWrites(**about, kind="text", snippet=text)
        asks = [
            Ask(inbound, message_id, received, leads=True),
            Ask(conversation, self.id, wrote),
        ]
        execute(self.company.store, asks, Metadata(), datetime.now(UTC))
        return show("message", message_id)

    def approved_template(self, body="Hi {{1}}", name="hello"):
        shown = self.company.template(show("account", self.account_id), name=name, body=body)
        id_ = parse("template", shown)
        self.ask(template, id_, ApproveTemplate, template_id=id_)
        return shown

    def reply(self, said="Yes", **fields):
        """A text, unless the fields are of another kind."""
        key = str(uuids.uuid7())
        body = fields if "kind" in fields else {"text": said, **fields}
        return self.company.post(f"{self.path}/messages", body, Idempotency_Key=key)

    def do(self, verb, **body):
        return self.company.post(f"{self.path}/{verb}", body)

    def accepted(self, shown, wamid="wamid.B"):
        """The provider took the message."""
        id_ = parse("message", shown)
        self.ask(message, id_, AttemptMessage, message_id=id_, attempt=1)
        self.ask(message, id_, AcceptMessage, message_id=id_, attempt=1, wamid=wamid, wa_id="62")

    def facts(self, stream_id=None):
        """Those of the conversation, or of another stream."""
        id_ = stream_id or self.id
        return [recorded.event for recorded in self.company.store.load([id_])[id_]]

    def queued(self, answer):
        """What waits to be sent after a reply that was taken."""
        assert answer.status_code == 202, answer.text
        [fact] = self.facts(parse("message", answer.json()["id"]))
        return fact


def begin(company, phone="+6281234567890"):
    """A chat of a company that knows the customer, who has not written yet."""
    found(company)
    return Chat(
        company,
        parse("account", company.account()),
        parse("contact", company.contact(phone, first_name="Ana")),
    )


def found(company):
    """The company as a stream of its own."""
    id_ = company.workspace_id
    command = CreateWorkspace(workspace_id=id_, name="Shop", time_zone="Asia/Jakarta")
    execute(company.store, [Ask(workspace, id_, command)], Metadata(), datetime.now(UTC))
