"""The command API over real HTTP: uvicorn in a thread, SQLite store and read models, real keys."""

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

import httpx2
import uuid_utils.compat as uuids
import uvicorn
from sqlalchemy import Engine, insert
from starlette.applications import Starlette

from commands.handling import Desk
from commands.routes import routes
from commands.seals import Seals
from commands.typing_indicator import Indicator
from domain.ids import show
from infra.database import connect, connect_async
from infra.event_store.inbox import Inbox
from infra.event_store.store import SqlEventStore, open_store
from infra.files.folder import FolderStorage
from infra.http.app import build
from infra.keys import KeyRing, new_key
from infra.providers.cloud_api import CloudApi
from infra.tokens import Credentials, Sessions
from projections.tables import metadata
from projections.workspaces import api_keys, workspaces
from tests.migrated import migrated

SECRETS = ("first-app-secret", "second-app-secret")
VERIFY_TOKEN = "agreed-token"
WAHA_KEYS = ("my-secret-key", "next-key")
AI_CALLS = 1000
SEALS = Seals(b"only for this test")


class Site(NamedTuple):
    url: str
    store: SqlEventStore
    read: Engine
    inbox: Inbox
    app: Starlette
    clients: list[httpx2.Client]

    def workspace(self, scopes='["read","write","send"]', country="ID", **key) -> "Company":
        """A new company with a key of its own."""
        workspace_id, key_id = uuids.uuid7(), uuids.uuid7()
        shown, hashed = new_key()
        with self.read.begin() as connection:
            connection.execute(
                insert(workspaces),
                {"workspace_id": workspace_id, "time_zone": "Asia/Jakarta", "country": country},
            )
            ids = {"workspace_id": workspace_id, "key_id": key_id}
            connection.execute(
                insert(api_keys), {**ids, "secret_hash": hashed, "scopes": scopes, **key}
            )
        headers = {"Authorization": f"Bearer {shown}"}
        http = httpx2.Client(base_url=self.url, headers=headers, timeout=30)
        self.clients.append(http)
        return Company(workspace_id, key_id, shown, http, self.store)


class Company(NamedTuple):
    workspace_id: UUID
    key_id: UUID
    key: str
    http: httpx2.Client
    store: SqlEventStore

    def post(self, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, json=body, headers=named)

    def patch(self, path, body, version):
        return self.http.patch(path, json=body, headers={"If-Match": f'"{version}"'})

    def upload(self, content, key="k1", **query):
        headers = {"Content-Type": "text/csv", "Idempotency-Key": key}
        return self.http.post("/v1/contacts/import", content=content, headers=headers, params=query)

    def facts(self):
        """Every fact of this company, in order."""
        records = self.store.read(0, 100_000)
        return [r.type for r in records if r.workspace_id == self.workspace_id]

    def contact(self, phone="+6281234567890", **fields):
        answer = self.post("/v1/contacts", {"phone": phone, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def account(self, number=None):
        number = number or str(uuids.uuid7().int)[:20]
        body = {"phone_number_id": number, "waba_id": "1", "display_phone_number": "+62 811 111"}
        return self.post("/v1/accounts", body).json()["id"]

    def session(self, name):
        """A number that is reached through WAHA."""
        body = {"provider": "waha", "session": name, "display_phone_number": "+62 811 222"}
        return self.post("/v1/accounts", body).json()["id"]

    def template(self, account_id, name="hello", body="Hi {{1}}"):
        text = {"name": name, "language": "en", "category": "UTILITY", "body": body}
        return self.post("/v1/templates", {"account_id": account_id, **text}).json()["id"]

    def plan(self, **changed):
        account_id = self.account()
        plan = {
            "name": "Eid",
            "account_id": account_id,
            "template_id": self.template(account_id),
            "audience": {"kind": "all"},
            "variables": {"1": "{first_name}"},
        }
        return {**plan, **changed}

    def campaign(self, **changed):
        answer = self.post(
            "/v1/campaigns", self.plan(**changed), Idempotency_Key=str(uuids.uuid7())
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]


def nobody():
    """A provider that is not there."""
    return CloudApi("http://127.0.0.1:9", "")


async def _ready():
    return {"store": "ok"}


@contextmanager
def command_site(folder, provider=nobody, ai_calls=AI_CALLS):
    """The running site; its databases are in `folder`."""
    store_url, read_url = f"sqlite:///{folder}/store.sqlite", f"sqlite:///{folder}/read.sqlite"
    migrated(store_url, "store")
    store, read, reader = open_store(store_url), connect(read_url), connect_async(read_url)
    metadata.create_all(read)
    inbox = Inbox(store.engine)
    desk = Desk(store)
    told = Indicator(provider, every_s=0.5, lasts_s=1.0)
    hooks = inbox, SECRETS, VERIFY_TOKEN, SEALS, WAHA_KEYS
    files = FolderStorage(folder / "files")
    parts = routes(desk, *hooks, ai_calls, typing=told, storage=files)
    app = build(
        parts,
        Credentials(KeyRing(reader), Sessions(reader, SEALS)).authenticate,
        "Blazz command API",
        _ready,
    )
    with serving(app) as url:
        site = Site(url, store, read, inbox, app, [])
        yield site
        for client in site.clients:
            client.close()
    desk.close()
    asyncio.run(reader.dispose())
    store.close()
    read.dispose()


@contextmanager
def serving(app, port=0):
    """The app on that port, or a free one."""
    config = uvicorn.Config(app, port=port, log_level="warning", server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    server.should_exit = True
    thread.join(10)


def unknown(kind):
    return show(kind, uuids.uuid7())
