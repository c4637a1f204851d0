"""A company whose customers write to it, one append each, as a webhook would bring them."""

import itertools
from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from commands.execute import Ask, execute
from domain import ids
from domain.conversation import AssignConversation, CustomerWrites, conversation
from domain.inbound import ReceiveMessage, inbound
from domain.inbound.events import Received
from domain.kernel import Metadata
from domain.workspace import IssueApiKey, RevokeApiKey, workspace
from infra.keys import new_key

_numbers = itertools.count(1)


class Company:
    """A workspace of its own at a stage, with a number; its customers have no name."""

    def __init__(self, stage):
        self.stage, self.ws = stage, stage.new_workspace()
        self.account = self.number()

    def number(self):
        return self.stage.number(f"70{next(_numbers)}", "waba", ws=self.ws)

    def contact(self):
        profile = {"phone": f"+628123{next(_numbers):06}"}
        return self.stage.contacts([profile], ws=self.ws)[0]

    def key(self, scopes=("read", "write", "send")):
        """What is shown of a new key, and its id."""
        (shown, hashed), key_id = new_key(), uuid7()
        about = {"workspace_id": self.ws, "key_id": key_id}
        command = IssueApiKey(**about, name="test", secret_hash=hashed, scopes=scopes)
        self.stage.do(workspace, self.ws, command)
        return shown, key_id

    def revoke(self, key_id):
        self.stage.do(workspace, self.ws, RevokeApiKey(workspace_id=self.ws, key_id=key_id))

    def customer_writes(self, contact_id, text="Hello", account_id=None):
        """The conversation's id, and the message's."""
        account_id, wamid = account_id or self.account, f"wamid.{uuid7().hex}"
        conversation_id = ids.conversation_id(account_id, contact_id)
        message_id, now = ids.inbound_id(account_id, wamid), datetime.now(UTC)
        about = {
            "workspace_id": self.ws,
            "conversation_id": conversation_id,
            "contact_id": contact_id,
            "account_id": account_id,
            "message_id": message_id,
            "at": now,
        }
        content = Received(kind="text", text=text)
        received = ReceiveMessage(**about, provider_id=wamid, sender={}, content=content)
        wrote = CustomerWrites(**about, kind="text", snippet=text, address="+6281")
        asks = [Ask(inbound, message_id, received), Ask(conversation, conversation_id, wrote)]
        execute(self.stage.store, asks, Metadata(), now)
        return conversation_id, message_id

    def assign(self, conversation_id, user_id, by=None):
        """To a person, by a colleague or by nobody in particular."""
        command = AssignConversation(
            workspace_id=self.ws, conversation_id=conversation_id, user_id=user_id, by=by
        )
        self.stage.do(conversation, conversation_id, command)
