"""One conversation as it is talked in: each turn is what the write side would ask together."""

from datetime import timedelta
from uuid import UUID

from commands.execute import Ask
from domain import call as calls
from domain import conversation as cnv
from domain import ids
from domain import inbound as inb
from domain import message as msg
from tests.spec import NOW

ME, COLLEAGUE, TEAM = UUID(int=901), UUID(int=902), UUID(int=903)


def minutes(n):
    """That many minutes after the beginning of everything."""
    return NOW + timedelta(minutes=n)


class Talk:
    """Between a contact and a number of a workspace."""

    def __init__(self, ws, account_id, contact_id):
        self.ws, self.account_id, self.contact_id = ws, account_id, contact_id
        self.id = ids.conversation_id(account_id, contact_id)
        self.whose = {
            "workspace_id": ws,
            "conversation_id": self.id,
            "contact_id": contact_id,
            "account_id": account_id,
        }

    def heard(self, provider_id):
        """The id of the message the provider calls that."""
        return ids.inbound_id(self.account_id, provider_id)

    def of_file(self, message_id):
        """What is said of the file that came with a message."""
        whose = {name: id_ for name, id_ in self.whose.items() if name != "contact_id"}
        file_id = ids.inbound_file_id(message_id)
        return {**whose, "message_id": message_id, "file_id": file_id}

    def _report(self, command, provider_id, at, stream=None, **more):
        id_ = stream or self.heard(provider_id)
        about = {**self.whose, "message_id": id_, "provider_id": provider_id}
        sender = more.pop("sender", {"name": "Ana"})
        return Ask(inb.inbound, id_, command(**about, at=at, sender=sender, **more))

    def customer(self, provider_id, at, text="Hello", kind="text", era=0, **content):
        received = inb.Received(kind=kind, text=text, **content)
        about = {**self.whose, "message_id": self.heard(provider_id)}
        wrote = cnv.CustomerWrites(**about, at=at, kind=kind, snippet=text, era=era)
        report = self._report(inb.ReceiveMessage, provider_id, at, content=received)
        return [report._replace(leads=True), Ask(cnv.conversation, self.id, wrote)]

    def phone(self, provider_id, at, text="From my phone"):
        content = inb.Received(kind="text", text=text)
        about = {**self.whose, "message_id": self.heard(provider_id), "kind": "text"}
        wrote = cnv.BusinessWrites(**about, at=at, snippet=text, from_phone=True)
        report = self._report(inb.ReceiveMessage, provider_id, at, content=content, echo=True)
        return [report._replace(leads=True), Ask(cnv.conversation, self.id, wrote)]

    def edit(self, provider_id, at, text, edit_id="e1"):
        content = inb.Received(kind="text", text=text)
        return [self._report(inb.EditMessage, provider_id, at, content=content, edit_id=edit_id)]

    def revoke(self, provider_id, at):
        return [self._report(inb.RevokeMessage, provider_id, at, revoke_id=f"r:{provider_id}")]

    def react(self, target, at, emoji, target_id=None, echo=False):
        who = "phone" if echo else "customer"
        stream = ids.inbound_id(self.account_id, f"reaction:{target}:{who}")
        about = {"target_id": target_id or self.heard(target), "target_provider_id": target}
        provider_id = f"{emoji or 'none'}:{at.isoformat()}"
        about |= {"emoji": emoji, "echo": echo}
        return [self._report(inb.ReactToMessage, provider_id, at, stream, **about)]

    def call(self, provider_id, step, at, **more):
        id_ = ids.call_id(self.account_id, provider_id)
        about = {**self.whose, "call_id": id_, "provider_id": provider_id, "by": "customer"}
        report = calls.ReportCall(**about | more, step=step, at=at, details={"event": step})
        return [Ask(calls.call, id_, report)]

    def reply(
        self,
        message_id,
        text="How can I help?",
        user_id=ME,
        automatic=False,
        windowed=True,
        **content,
    ):
        full = msg.Content(**{"kind": "text", "text": text} | content)
        wrote = cnv.BusinessWrites(
            **self.whose,
            message_id=message_id,
            kind=full.kind,
            snippet=text,
            user_id=user_id,
            automatic=automatic,
            windowed=windowed,
        )
        queue = msg.QueueMessage(
            workspace_id=self.ws,
            message_id=message_id,
            campaign_id=None,
            contact_id=self.contact_id,
            account_id=self.account_id,
            to="+6281234567890",
            content=full,
            priority=1,
        )
        return [Ask(cnv.conversation, self.id, wrote), Ask(msg.message, message_id, queue)]

    def ask(self, command, **more):
        about = {"workspace_id": self.ws, "conversation_id": self.id}
        return [Ask(cnv.conversation, self.id, command(**about, **more))]


def sent(ws, message_id, wamid, *statuses, at):
    """A reply's way: attempted, accepted, then whatever the provider reports of it."""
    one = {"workspace_id": ws, "message_id": message_id}
    steps = [
        msg.AttemptMessage(**one, attempt=1),
        msg.AcceptMessage(**one, attempt=1, wamid=wamid, wa_id="6281234567890"),
        *(msg.ObserveStatus(**one, status=s, at=at, wamid=wamid) for s in statuses),
    ]
    return [Ask(msg.message, message_id, step) for step in steps]
