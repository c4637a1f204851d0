"""Both APIs on one port over HTTP, with read models that follow, and people who come in."""

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import httpx2
import uuid_utils.compat as uuids

from commands import patterns
from commands.execute import execute
from commands.handling import Desk
from commands.inviting import invitation, invitation_token
from commands.routes import routes as command_routes
from commands.streams import Streams
from commands.typing_indicator import Indicator
from domain.ids import show
from domain.kernel import Metadata
from domain.user import user
from infra.database import connect_async
from infra.http.app import build
from infra.keys import KeyRing
from infra.services.checks import closing
from infra.tokens import Credentials, Sessions
from read_api.app import routes as read_routes
from tests.command_site import SEALS, SECRETS, VERIFY_TOKEN, nobody, serving
from tests.stage import Stage

PASSWORD = "correct horse battery"
NEW_PASSWORD = "another Horse, 2 batteries"


def elsewhere():
    """An address nobody has come from."""
    number = uuids.uuid7().int
    return {"X-Forwarded-For": f"2001:db8:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}::1"}


class Clock:
    """The time at the desk; `later` moves it."""

    def __init__(self):
        self.ahead = None

    def __call__(self):
        now = datetime.now(UTC)
        return now + self.ahead if self.ahead else now


class Person(NamedTuple):
    """Somebody signed in."""

    http: httpx2.Client
    id: str
    session_id: str
    refresh_token: str
    access_token: str

    def me(self):
        return self.http.get("/v1/me")


class PeopleSite:
    def __init__(self, stage, url, app, clock):
        self.stage, self.url, self.app, self.clock = stage, url, app, clock
        self.clients = []
        self.http = self.client()

    def client(self, token=None, **headers):
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx2.Client(base_url=self.url, headers={**bearer, **headers}, timeout=30)
        self.clients.append(client)
        return client

    def workspace(self):
        return self.stage.new_workspace()

    def invited(self, ws, email, role="owner"):
        """The invitation's token, as an operator gets it."""
        store, now = self.stage.store, datetime.now(UTC)
        id_, asks = invitation(ws, email, role, now, by_owner=True)
        execute(store, asks, Metadata(actor="operator"), now)
        return invitation_token(SEALS, ws, id_, Streams(store).look(user, id_, ws))

    def accept(self, token, name="Ana", password=PASSWORD):
        body = {"token": token, "name": name, "password": password}
        return self.http.post("/v1/invitations/accept", json=body, headers=elsewhere())

    def sign_in(self, ws, email, password=PASSWORD, **headers):
        body = {"workspace_id": show("workspace", ws), "email": email, "password": password}
        return self.http.post("/v1/sessions", json=body, headers=headers or elsewhere())

    def person(self, ws, role="owner", email=None, password=PASSWORD):
        """Invited, joined, and signed in."""
        email = email or f"{role}-{uuids.uuid7().hex}@mail.example"
        accepted = self.accept(self.invited(ws, email, role), role.title(), password)
        assert accepted.status_code == 200, accepted.text
        return self.entered(ws, email, password)

    def entered(self, ws, email, password=PASSWORD):
        answer = self.sign_in(ws, email, password)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        http = self.client(body["access_token"])
        tokens = body["refresh_token"], body["access_token"]
        return Person(http, body["user_id"], body["id"], *tokens)


@contextmanager
def people_site(folder):
    """The running site."""
    stage, clock = Stage(folder), Clock()
    engine = connect_async(stage.read_url)
    desk, hooks = Desk(stage.store, clock), (stage.inbox, SECRETS, VERIFY_TOKEN, SEALS)
    parts = [
        *command_routes(desk, *hooks, typing=Indicator(nobody), storage=stage.files),
        *read_routes(engine, b"a secret of this test", 1, patterns.search, stage.files),
    ]
    known = Credentials(KeyRing(engine), Sessions(engine, SEALS, clock))
    app = build(parts, known.authenticate, "Blazz", _ready, closing(engine))
    stage.follow()
    with serving(app) as url:
        site = PeopleSite(stage, url, app, clock)
        yield site
        for client in site.clients:
            client.close()
    desk.close()
    stage.close()


async def _ready():
    return {"store": "ok"}
