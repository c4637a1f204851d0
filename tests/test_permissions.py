"""Every route of both APIs against every role and scope: allowed exactly as the table says."""

from typing import NamedTuple

import pytest
import uuid_utils.compat as uuids
from starlette.responses import Response
from starlette.routing import Route

from domain.access import (
    PERMISSIONS,
    PUBLIC,
    ROLES,
    SCOPE_PERMISSIONS,
    SCOPES,
    Principal,
    holders,
    permissions_of,
)
from domain.ids import PREFIXES, show
from domain.workspace import IssueApiKey, workspace
from infra.http.app import build
from infra.keys import new_key
from tests.people_site import people_site

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


class Walk(NamedTuple):
    """Clients by who they are, and each operation with the permission its description names."""

    clients: dict
    operations: list


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    with people_site(tmp_path_factory.mktemp("permissions")) as site:
        ws = site.workspace()
        clients = {role: site.person(ws, role).http for role in ROLES}
        clients |= {f"key {scope}": site.client(_key(site, ws, scope)) for scope in SCOPES}
        document = site.http.get("/openapi.json").json()
        found = [
            (method, path, described)
            for path, methods in document["paths"].items()
            for method, described in ((m.upper(), d) for m, d in methods.items())
            if method in METHODS
        ]
        yield Walk(clients, found)


def _key(site, ws, scope):
    shown, hashed = new_key()
    command = IssueApiKey(
        workspace_id=ws, key_id=uuids.uuid7(), name=scope, secret_hash=hashed, scopes=(scope,)
    )
    site.stage.do(workspace, ws, command)
    return shown


def needed(described):
    ways = [next(iter(way.values())) for way in described["security"]]
    return {name for names in ways for name in names} or {PUBLIC}


def addressed(path):
    """The path with ids of things that are not there, so that nothing happens."""
    for kind in PREFIXES:
        path = path.replace(f"{{{kind}_id}}", show(kind, uuids.uuid7()))
    return path.replace("{code}", "invalid")


def asked(client, method, path):
    """The status of a request that can do nothing; a stream is left at once."""
    headers = {"Content-Type": "text/plain"}
    content = b"x" if method in {"POST", "PATCH"} else None
    with client.stream(method, addressed(path), headers=headers, content=content) as answer:
        code = answer.json()["code"] if answer.status_code == 403 and answer.read() else ""
        return answer.status_code, code


def allowed(who):
    return permissions_of((who.removeprefix("key "),)) if who.startswith("key ") else ROLES[who]


def test_every_route_is_open_to_exactly_those_whose_role_or_scope_has_its_permission(walk):
    wrong, seen = [], 0
    for method, path, described in walk.operations:
        (permission,) = needed(described)
        for who, client in walk.clients.items():
            status, code = asked(client, method, path)
            let_in = (status, code) != (403, "permission_missing") and status != 401
            if permission != PUBLIC and let_in != (permission in allowed(who)):
                wrong.append(f"{who}: {method} {path} needs {permission}, got {status}")
            seen += 1
    assert not wrong, "\n".join(wrong)
    assert seen > 60 * (len(ROLES) + len(SCOPES))


def test_without_a_key_only_public_routes_answer(walk):
    client, bare = walk.clients["owner"], {"Authorization": "", "Content-Type": "text/plain"}
    for method, path, described in walk.operations:
        if path.startswith("/webhooks"):
            continue  # they know their own by a signature, and say 401 to others
        with client.stream(method, addressed(path), headers=bare) as answer:
            assert (answer.status_code == 401) == (needed(described) != {PUBLIC}), (method, path)


def test_a_refusal_names_the_permission_and_who_has_it(walk):
    body = walk.clients["analyst"].post("/v1/campaigns", json={}).json()
    assert body["code"] == "permission_missing"
    assert "campaigns.write" in body["detail"]
    assert "owner or admin" in body["detail"]
    assert "scope write" in body["detail"]
    assert "you are analyst" in body["detail"]
    body = walk.clients["key read"].post("/v1/campaigns", json={}).json()
    assert "your key has the scope read" in body["detail"]


def test_a_key_may_ask_who_it_is(walk):
    body = walk.clients["key send"].get("/v1/me").json()
    assert (body["user"], body["role"], body["scopes"]) == (None, None, ["send"])
    assert body["key_id"].startswith("key_")
    assert set(body["permissions"]) == SCOPE_PERMISSIONS["send"]


def test_permissions_are_used_and_held(walk):
    """A permission nobody has, or nothing needs, is a mistake in the table."""
    used = {name for *_, described in walk.operations for name in needed(described)}
    held = set().union(*ROLES.values(), *SCOPE_PERMISSIONS.values())
    assert held == set(PERMISSIONS) - {PUBLIC}
    assert used == set(PERMISSIONS)


@pytest.mark.parametrize("wrong", [None, "contacts.eat"])
def test_an_app_with_a_route_that_declares_no_permission_does_not_start(wrong):
    async def endpoint(request):
        return Response()

    endpoint.operation = {"responses": {}}
    if wrong:
        endpoint.permission = wrong
    with pytest.raises(ValueError, match=r"/v1/open declares (no|an unknown) permission"):
        build([Route("/v1/open", endpoint, methods=["GET"])], None, "Test", None)


def test_who_may_do_what_is_as_it_was_agreed():
    everything = set(PERMISSIONS) - {PUBLIC}
    assert ROLES["owner"] == everything
    assert ROLES["admin"] == everything - {"workspace.manage"}
    assert not {name for name in ROLES["auditor"] if not name.endswith(".read")} - {"me.manage"}
    assert "campaigns.send" not in ROLES["agent"] | ROLES["analyst"] | ROLES["auditor"]
    assert not ROLES["analyst"] & {"contacts.read", "messages.read", "conversations.read"}
    assert "messages.read" not in ROLES["agent"]
    assert not SCOPE_PERMISSIONS["write"] & {"campaigns.send", "conversations.reply"}
    for scope in ("read", "write", "send"):
        assert not SCOPE_PERMISSIONS[scope] & {"people.manage", "workspace.manage"}
    assert holders("me.manage") == "people who are " + " or ".join(ROLES)
    assert all("me.read" in granted for granted in [*ROLES.values(), *SCOPE_PERMISSIONS.values()])


def test_a_principal_is_named_by_person_or_key():
    at, id_ = uuids.uuid7(), uuids.uuid7()
    about = {"workspace_id": at, "permissions": frozenset()}
    assert Principal(**about, user_id=id_, role="agent").actor == f"user:{id_.hex}"
    assert Principal(**about, key_id=id_).actor == f"key:{id_.hex}"
    assert Principal(**about, user_id=id_, role="agent").only_shared
    assert not Principal(**about, user_id=id_, role="admin").only_shared
    assert not Principal(**about, key_id=id_).only_shared
