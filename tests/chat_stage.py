"""A stage on which people talk, and the read API beside it."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx2
from uuid_utils.compat import uuid7

from commands.execute import execute
from commands.seals import Access
from domain.ids import show
from domain.kernel import Metadata
from tests.command_site import SEALS
from tests.read_site import read_site
from tests.stage import Stage
from tests.talks import Talk


class ChatStage(Stage):
    def tell(self, *groups, now=None):
        """Each group of asks is one append."""
        for asks in groups:
            execute(self.store, asks, Metadata(), now or datetime.now(UTC))
        self.project()

    def talk(self, phone="+6281234567890", account_id=None, **profile):
        contact_id = self.contact(phone, **profile)
        return Talk(self.ws, account_id or self.account, contact_id)


class Reading:
    """What one client is answered."""

    def __init__(self, client):
        self.client = client

    def get(self, path, **query):
        return self.client.get(path, params=query or None)

    def read(self, path, **query):
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def items(self, path, **query):
        return self.read(path, **query)["items"]

    def pages(self, path, **query):
        """The items of all pages, one after the other."""
        found, answer = [], self.read(path, **query)
        while answer["next_url"] is not None:
            found += answer["items"]
            answer = self.read(answer["next_url"])
        return found + answer["items"]

    def said(self, talk, **query):
        return self.items(f"/v1/conversations/{show('conversation', talk.id)}/messages", **query)


class ChatReads(Reading):
    """A key's view of the stage's workspace, and that of people."""

    def __init__(self, site):
        self.site = site
        super().__init__(site.client(site.stage.ws))

    def person(self, user_id, role="agent", ws=None):
        """The view of somebody who has just signed in."""
        now = datetime.now(UTC).replace(microsecond=0)
        until = now + timedelta(minutes=15)
        ws = ws or self.site.stage.ws
        token = SEALS.access(Access(ws, user_id, UUID(int=uuid7().int), role, now, until))
        headers = {"Authorization": f"Bearer {token}"}
        client = httpx2.Client(base_url=self.site.url, headers=headers, timeout=30)
        self.site.clients.append(client)
        return Reading(client)


@contextmanager
def chat_site(folder):
    """A stage and who reads its chats."""
    stage = ChatStage(folder)
    with read_site(stage) as site:
        yield stage, ChatReads(site)
    stage.close()
