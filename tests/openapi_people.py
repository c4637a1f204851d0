"""People for the worlds that requests are made up for: an owner who asks, others who are asked about."""

from datetime import UTC, datetime, timedelta
from functools import cache

import httpx2
import uuid_utils.compat as uuids
from argon2 import PasswordHasher
from sqlalchemy import insert

from commands.inviting import invitation, invitation_token
from commands.seals import Access, Numbered
from commands.store import Append
from commands.streams import Streams
from domain.ids import show, user_id
from domain.kernel import Metadata
from domain.owners import OwnerAdded, owners_id
from domain.session import SignedIn
from domain.user import UserJoined, user
from projections.people import sessions, users
from tests.chat_people import joined
from tests.command_site import SEALS
from tests.people_site import NEW_PASSWORD, PASSWORD

OWNER = "owner@shop.example"
MANY = 24


@cache
def _hashed():
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)


def owner(site, workspace_id):
    """A client signed in as the owner of a workspace, for as long as the test takes."""
    id_, session_id, now = user_id(workspace_id, OWNER), uuids.uuid7(), datetime.now(UTC)
    about = {"workspace_id": workspace_id, "user_id": id_}
    facts = {
        id_: UserJoined(**about, name="Ana", role="owner", password_hash=_hashed()),
        owners_id(workspace_id): OwnerAdded(**about),
        session_id: _signed_in(about, session_id, now),
    }
    site.store.append([Append(i, 0, [fact], Metadata()) for i, fact in facts.items()], now)
    row = {**about, "role": "owner", "status": "active", "version": 1}
    until = {"expires_at": now + timedelta(days=1)}
    with site.read.begin() as connection:
        connection.execute(insert(users), row)
        connection.execute(insert(sessions), {**about, "session_id": session_id, **until})
    access = Access(workspace_id, id_, session_id, "owner", now, now + timedelta(days=1))
    headers = {"Authorization": f"Bearer {SEALS.access(access)}"}
    client = httpx2.Client(base_url=site.url, headers=headers, timeout=30)
    site.clients.append(client)
    return client


def _signed_in(about, session_id, now):
    entry = {"epoch": 0, "address": "203.0.113.7", "agent": "Firefox"}
    return SignedIn(**about, session_id=session_id, **entry, expires_at=now + timedelta(days=1))


def crowd(store, workspace_id):
    """Ids of users and of sessions, as a world has them."""
    people = [joined(store, workspace_id, f"user-{n}") for n in range(MANY)]
    opened, now = {}, datetime.now(UTC)
    for id_ in people[:4]:
        about = {"workspace_id": workspace_id, "user_id": id_}
        session_id = uuids.uuid7()
        opened[session_id] = _signed_in(about, session_id, now)
    appends = [Append(i, 0, [fact], Metadata()) for i, fact in opened.items()]
    store.append(appends, now)
    return {
        "user": [show("user", id_) for id_ in people],
        "session": [show("session", id_) for id_ in opened],
    }


def people_requests(world):
    """What each operation on people is sent."""
    one, shared = "/v1/users/{user_id}", "/v1/accounts/{account_id}/users/{user_id}"
    access = SEALS.access_in(world.authorization.removeprefix("Bearer "))
    at = access.workspace_id
    entry = {"workspace_id": show("workspace", at), "email": OWNER, "password": PASSWORD}
    refresh = SEALS.numbered("refresh", Numbered(at, access.session_id, 1))
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    return {
        "POST /v1/users": {"body": {"email": "siti@shop.example", "role": "agent"}},
        f"PATCH {one}": {"body": {"role": "analyst"}},
        f"DELETE {one}": {},
        f"POST {one}/restore": {"body": {}},
        f"PUT {shared}": {},
        f"DELETE {shared}": {},
        "POST /v1/invitations/accept": {
            "body": {"token": _invited(world.store, at), "name": "Budi", "password": PASSWORD}
        },
        "POST /v1/sessions": {"body": entry},
        "POST /v1/sessions/refresh": {"body": {"refresh_token": refresh}},
        "DELETE /v1/sessions/{session_id}": {},
        "POST /v1/me/password": {"body": change},
    }


def _invited(store, at):
    now = datetime.now(UTC)
    id_, asks = invitation(at, "budi@shop.example", "agent", now, by_owner=True)
    store.append([Append(id_, 0, user.decide(user.initial, asks[0].command, now), Metadata())], now)
    return invitation_token(SEALS, at, id_, Streams(store).look(user, id_, at))
