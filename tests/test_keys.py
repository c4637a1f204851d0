import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
import uuid_utils.compat as uuids
from sqlalchemy import update

from commands.store import StoreUnavailable
from domain.kernel import Metadata, Recorded
from domain.wire import LogRecord, encode, encode_metadata, type_of
from domain.workspace import ApiKeyIssued, ApiKeyRevoked, WorkspaceCreated
from infra.database import connect, connect_async
from infra.keys import KeyRing, hash_of, new_key, well_formed
from infra.lookups import FRESH_S
from projections.rebuild import rebuild
from projections.tables import metadata
from projections.upserts import write
from projections.workspaces import api_keys, projection
from tests.command_site import command_site
from tests.tallies import Kept

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_key_is_recognised_by_its_shape_and_checksum_alone():
    shown, hashed = new_key()
    assert shown.startswith("blz_live_")
    assert len(shown) == len("blz_live_") + 36
    assert well_formed(shown)
    assert hash_of(shown) == hashed
    assert shown not in hashed


def test_keys_are_never_the_same():
    assert len({new_key()[0] for _ in range(1000)}) == 1000


@pytest.mark.parametrize("at", range(9, 45))
def test_a_mistyped_character_anywhere_is_noticed(at):
    shown, _ = new_key()
    other = "a" if shown[at] != "a" else "b"
    assert not well_formed(shown[:at] + other + shown[at + 1 :])


@pytest.mark.parametrize(
    "text", ["", "blz_live_", "blz_live_" + "a" * 36, "x" * 45, "blz_live_é" * 5]
)
def test_what_is_no_key_is_not_taken_for_one(text):
    assert not well_formed(text)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/read.sqlite"


class Issued:
    """A workspace whose key is in the read models, put there by the projection's own rows."""

    def __init__(self, url, *, expires_at=None, scopes=("read", "send")):
        self.url, self.log = url, []
        self.workspace_id, self.key_id = uuids.uuid7(), uuids.uuid7()
        self.shown, hashed = new_key()
        engine = connect(url)
        metadata.create_all(engine)
        engine.dispose()
        about = {"workspace_id": self.workspace_id}
        self.happened(
            WorkspaceCreated(
                **about, name="A", time_zone="Asia/Jakarta", country="ID", language="id"
            ),
            ApiKeyIssued(
                **about,
                key_id=self.key_id,
                name="k",
                secret_hash=hashed,
                scopes=scopes,
                expires_at=expires_at,
            ),
        )

    def happened(self, *events):
        for event in events:
            at = (len(self.log) + 1, self.workspace_id, self.workspace_id, len(self.log) + 1)
            contents = (encode_metadata(Metadata()), encode(event))
            self.log.append(LogRecord(*at, type_of(event), NOW, *contents))
        rows = projection.rows(
            Recorded(1, self.workspace_id, 1, NOW, Metadata(), event) for event in events
        )
        engine = connect(self.url)
        with engine.begin() as connection:
            write(connection, rows)
        engine.dispose()

    def asked(self, work, **more):
        """`work` with a key ring, which has to be used in one event loop."""

        async def run():
            reader = connect_async(self.url)
            try:
                return await work(KeyRing(reader, **more))
            finally:
                await reader.dispose()

        return asyncio.run(run())

    def holder(self, **more):
        return self.asked(lambda ring: ring.authenticate(self.shown), **more)


def test_a_key_stands_for_its_workspace_its_scopes_and_what_commands_need_to_know(url):
    issued = Issued(url)
    found = issued.holder()
    assert (found.workspace_id, found.key_id) == (issued.workspace_id, issued.key_id)
    assert found.scopes == ("read", "send")
    assert (found.time_zone, found.country) == ("Asia/Jakarta", "ID")


def test_a_key_nobody_issued_stands_for_nobody(url):
    issued = Issued(url)
    stranger, _ = new_key()
    assert issued.asked(lambda ring: ring.authenticate(stranger)) is None


def test_while_they_are_rebuilt_keys_are_good_and_bad_as_ever(url):
    issued, stranger, answers = Issued(url), new_key()[0], []

    def ask(_):
        reader = connect_async(url)
        answers.append(asyncio.run(_both(KeyRing(reader), reader, issued.shown, stranger)))

    engine = connect(url)
    rebuild(Kept(issued.log), engine, [projection], 1, ask)
    engine.dispose()
    ask(None)
    assert len(answers) > 2
    assert {(known is not None, unknown) for known, unknown in answers} == {(True, None)}


async def _both(ring, reader, known, unknown):
    try:
        return await ring.authenticate(known), await ring.authenticate(unknown)
    finally:
        await reader.dispose()


def test_a_malformed_key_is_refused_without_a_look_into_the_database(tmp_path):
    async def ask():
        reader = connect_async(f"sqlite:///{tmp_path}/nothing.sqlite")
        ring = KeyRing(reader)
        assert await ring.authenticate("blz_live_" + "a" * 36) is None
        shown, _ = new_key()
        with pytest.raises(StoreUnavailable):
            await ring.authenticate(shown)
        await reader.dispose()

    asyncio.run(ask())


def test_an_expired_key_stands_for_nobody_from_that_instant_on(url):
    issued = Issued(url, expires_at=NOW)
    before = NOW - timedelta(microseconds=1)
    assert issued.holder(clock=lambda: before) is not None
    assert issued.holder(clock=lambda: NOW) is None


def test_a_key_expires_even_while_it_is_remembered(url):
    issued, now = Issued(url, expires_at=NOW), [NOW - timedelta(seconds=1)]

    async def work(ring):
        first = await ring.authenticate(issued.shown)
        now[0] = NOW
        return first, await ring.authenticate(issued.shown)

    first, second = issued.asked(work, clock=lambda: now[0])
    assert first is not None
    assert second is None


def test_a_revoked_key_is_refused_within_half_a_second(url):
    issued = Issued(url)

    async def work(ring):
        assert await ring.authenticate(issued.shown)
        issued.happened(ApiKeyRevoked(workspace_id=issued.workspace_id, key_id=issued.key_id))
        await asyncio.sleep(FRESH_S + 0.01)
        return await ring.authenticate(issued.shown)

    assert issued.asked(work) is None


def test_a_key_is_looked_up_once_in_half_a_second(url):
    issued = Issued(url)

    async def work(ring):
        first = await ring.authenticate(issued.shown)
        issued.happened(ApiKeyRevoked(workspace_id=issued.workspace_id, key_id=issued.key_id))
        return first, await ring.authenticate(issued.shown)

    first, second = issued.asked(work)
    assert first is second


def test_over_http_a_revoked_key_is_a_401_within_a_second(tmp_path):
    with command_site(tmp_path) as site:
        company = site.workspace()
        assert company.post("/v1/groups", {"name": "VIP"}).status_code == 201
        with site.read.begin() as connection:
            connection.execute(update(api_keys).values(revoked_at=NOW))
        until = time.monotonic() + 1
        while company.post("/v1/groups", {"name": "VIP"}).status_code != 401:
            assert time.monotonic() < until
