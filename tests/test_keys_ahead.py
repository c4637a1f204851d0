"""A key in use is looked up beside the requests that it comes with, and never for too long."""

import asyncio
import time

import pytest

from commands.store import StoreUnavailable
from domain.workspace import ApiKeyRevoked
from infra.database import connect
from infra.keys import new_key
from infra.lookups import AHEAD_S, FRESH_S
from tests.test_keys import Issued

AS_PROMISED_S = 1.0


@pytest.fixture
def issued(tmp_path):
    return Issued(f"sqlite:///{tmp_path}/read.sqlite")


def test_a_key_in_constant_use_is_refused_within_a_second_of_being_revoked(issued):
    async def work(ring):
        assert await ring.authenticate(issued.shown)
        issued.happened(ApiKeyRevoked(workspace_id=issued.workspace_id, key_id=issued.key_id))
        revoked = time.monotonic()
        while await ring.authenticate(issued.shown):
            assert time.monotonic() - revoked < AS_PROMISED_S
            await asyncio.sleep(0.01)

    issued.asked(work)


def test_a_key_in_use_is_looked_up_again_without_a_request_that_waits_for_it(issued):
    async def work(ring):
        first = again = await ring.authenticate(issued.shown)
        until = time.monotonic() + 20
        while again is first:
            assert time.monotonic() < until
            began = asyncio.create_task(asyncio.sleep(0))
            again = await ring.authenticate(issued.shown)
            # Nothing else had a turn in the meantime, unless it was not looked up in time.
            waited = began.done()
            began.cancel()
            await asyncio.sleep(AHEAD_S / 10)
        return waited

    assert any(not issued.asked(work) for _ in range(3))


def test_many_requests_with_one_unknown_key_share_one_look_up(issued):
    async def work(ring):
        return await asyncio.gather(*(ring.authenticate(issued.shown) for _ in range(50)))

    assert len({id(holder) for holder in issued.asked(work)}) == 1


def test_whoever_stops_waiting_does_not_end_the_look_up_of_others(issued):
    async def work(ring):
        leaves, stays = (asyncio.create_task(ring.authenticate(issued.shown)) for _ in range(2))
        await asyncio.sleep(0)
        leaves.cancel()
        return await stays

    assert issued.asked(work) is not None


async def _as_long_as_it_is_answered(ring, shown):
    ended = time.monotonic() + 20
    while time.monotonic() < ended:
        await ring.authenticate(shown)
        await asyncio.sleep(FRESH_S / 20)


def test_a_database_that_goes_away_is_said_when_what_is_remembered_is_too_old(issued, caplog):
    async def work(ring):
        assert await ring.authenticate(issued.shown)
        engine = connect(issued.url)
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE api_keys RENAME TO elsewhere")
        engine.dispose()
        with pytest.raises(StoreUnavailable):
            await _as_long_as_it_is_answered(ring, issued.shown)
        with pytest.raises(StoreUnavailable):
            await ring.authenticate(new_key()[0])

    issued.asked(work)
    assert not caplog.records
