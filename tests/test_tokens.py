"""Access tokens: what is taken at its word, for how long, and what is no token of ours."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import uuid_utils.compat as uuids
from starlette.requests import Request

from commands.limits import REMEMBERED, Limit, address_of
from commands.passwords import WAITING, Passwords
from commands.seals import Access, Numbered, Seals
from commands.store import StoreUnavailable
from domain.access import ROLES, Problem
from infra.database import connect, connect_async
from infra.tokens import NEW_FOR, Sessions
from projections.tables import metadata

SEALS = Seals(b"a secret of this test")
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ACCESS = Access(*(uuids.uuid7() for _ in range(3)), "agent", NOW, NOW + timedelta(minutes=15))
INVITATION = Numbered(uuids.uuid7(), uuids.uuid7(), 3)


@pytest.fixture
def url(tmp_path):
    """A database of read models that know nothing yet."""
    url = f"sqlite:///{tmp_path}/read.sqlite"
    engine = connect(url)
    metadata.create_all(engine)
    engine.dispose()
    return url


def holder(url, token, now):
    async def ask():
        engine = connect_async(url)
        try:
            return await Sessions(engine, SEALS, lambda: now).authenticate(token)
        finally:
            await engine.dispose()

    return asyncio.run(ask())


def test_a_token_whose_session_is_not_known_yet_is_good_for_a_few_seconds(url):
    token = SEALS.access(ACCESS)
    found = holder(url, token, NOW)
    assert (found.user_id, found.session_id, found.role) == (*ACCESS[1:3], "agent")
    assert found.permissions == ROLES["agent"]
    assert found.only_shared
    assert holder(url, token, NOW + NEW_FOR) is None


def test_sessions_that_cannot_be_looked_up_are_no_refusal(tmp_path):
    with pytest.raises(StoreUnavailable):
        holder(f"sqlite:///{tmp_path}/nothing.sqlite", SEALS.access(ACCESS), NOW)


def test_a_token_says_what_it_was_made_of():
    assert SEALS.access_in(SEALS.access(ACCESS)) == ACCESS
    assert SEALS.numbered_in("invitation", SEALS.numbered("invitation", INVITATION)) == INVITATION


def test_a_token_of_one_kind_or_of_another_secret_is_none_of_another():
    invitation = SEALS.numbered("invitation", INVITATION)
    assert SEALS.numbered_in("refresh", invitation) is None
    renamed = invitation.replace("blz_inv_", "blz_rt_")
    assert SEALS.numbered_in("refresh", renamed) is None
    assert Seals(b"another").numbered_in("invitation", invitation) is None
    assert Seals(b"another").access_in(SEALS.access(ACCESS)) is None


def test_a_changed_character_anywhere_makes_it_no_token():
    token = SEALS.access(ACCESS)
    for at in range(len("blz_at_"), len(token)):
        other = "A" if token[at] != "A" else "B"
        assert SEALS.access_in(token[:at] + other + token[at + 1 :]) is None


@pytest.mark.parametrize("text", ["", "blz_at_", "blz_at_é", "blz_at_" + "A" * 500, "blz_at_!!!!"])
def test_what_is_no_token_is_refused_without_an_error(text):
    assert SEALS.access_in(text) is None


def test_a_limit_refills_steadily_and_counts_each_by_itself():
    now = [0.0]
    limit = Limit(3, 30.0, lambda: now[0])
    for _ in range(3):
        limit.take("a")
    limit.take("b")
    with pytest.raises(Problem) as refused:
        limit.take("a")
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "10"})
    now[0] = 10.0
    limit.take("a")
    with pytest.raises(Problem):
        limit.take("a")


def test_a_limit_remembers_a_bounded_number():
    limit = Limit(1, 1e9)
    for n in range(REMEMBERED + 10):
        limit.take(str(n))
    limit.take("0")
    with pytest.raises(Problem):
        limit.take(str(REMEMBERED))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
    ],
)
def test_a_home_is_one_address(host, address):
    assert address_of(Request({"type": "http", "client": (host, 1)})) == address


def test_more_passwords_than_may_wait_are_refused_for_now():
    async def many():
        passwords = Passwords()
        tries = (passwords.right("", "some password") for _ in range(WAITING + 5))
        return await asyncio.gather(*tries, return_exceptions=True)

    answers = asyncio.run(many())
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert [(p.status, p.code) for p in refused] == [(503, "busy")] * 5
    assert answers.count(False) == WAITING
