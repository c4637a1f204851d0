"""The read API over real HTTP, on read models that a stage's facts have filled."""

from contextlib import contextmanager

import httpx2
from uuid_utils.compat import uuid7

from commands import patterns
from domain.workspace import IssueApiKey, workspace
from infra.database import connect_async
from infra.http.app import build
from infra.keys import KeyRing, new_key
from infra.services.checks import closing
from infra.tokens import Credentials, Sessions
from read_api.app import routes
from tests.command_site import SEALS, serving


async def _ready():
    return {"read models": "ok"}


class ReadSite:
    def __init__(self, stage, url, app):
        self.stage, self.url, self.app, self.clients = stage, url, app, []

    def client(self, workspace_id, scopes=("read",)):
        """An HTTP client with a key of that workspace."""
        shown, hashed = new_key()
        self.stage.do(
            workspace,
            workspace_id,
            IssueApiKey(
                workspace_id=workspace_id,
                key_id=uuid7(),
                name="test",
                secret_hash=hashed,
                scopes=scopes,
            ),
        )
        self.stage.project()
        headers = {"Authorization": f"Bearer {shown}"}
        client = httpx2.Client(base_url=self.url, headers=headers, timeout=30)
        self.clients.append(client)
        return client


@contextmanager
def read_site(stage, ear=None):
    """The running read API; one partition, as the stage's runner has it."""
    engine = connect_async(stage.read_url)
    parts = routes(engine, b"a secret of this test", 1, patterns.search, stage.files, ear)
    known = Credentials(KeyRing(engine), Sessions(engine, SEALS))
    app = build(parts, known.authenticate, "Blazz read API", _ready, closing(engine))
    with serving(app) as url:
        site = ReadSite(stage, url, app)
        yield site
        for client in site.clients:
            client.close()
