"""Who is a user of a workspace, in which role, with which numbers: over HTTP, on both APIs."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import uuid_utils.compat as uuids

from domain.ids import show, user_id
from tests.people_site import people_site
from tests.test_people_sign_in import refused, until_refused

WITHIN_S = 1.0


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with people_site(tmp_path_factory.mktemp("people")) as running:
        yield running


@pytest.fixture
def ws(site):
    return site.workspace()


@pytest.fixture
def owner(site, ws):
    return site.person(ws)


def until(ask, wanted):
    """Asks until it is so; returns what was answered."""
    deadline = time.monotonic() + WITHIN_S
    while not wanted(answer := ask()):
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.01)
    return answer


def until_position(site):
    """Headers that make an answer wait for all that is stored now."""
    return {"Blazz-Min-Position": str(site.stage.store.head()), "Prefer": "wait=10"}


def patched(by, id_, role):
    """The answer to another role for a user as they stand now."""
    while True:
        version = {"If-Match": by.http.get(f"/v1/users/{id_}").headers["ETag"]}
        answer = by.http.patch(f"/v1/users/{id_}", json={"role": role}, headers=version)
        if answer.status_code != 412:  # the read models are about to know
            return answer


def invite(by, email="siti@mail.example", role="agent", **headers):
    return by.http.post("/v1/users", json={"email": email, "role": role}, headers=headers)


def test_whom_an_owner_invites_comes_in_with_the_token_of_the_answer(site, ws, owner):
    answer = invite(owner, "Siti@Mail.example")
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["id"] == show("user", user_id(ws, "siti@mail.example"))
    assert site.accept(body["invitation_token"], "Siti").status_code == 200
    siti = site.entered(ws, "siti@mail.example")
    assert siti.me().json()["user"]["name"] == "Siti"
    listed = owner.http.get("/v1/users").json()["items"]
    assert {(u["name"], u["role"], u["status"]) for u in listed} == {
        ("Siti", "agent", "active"),
        ("Owner", "owner", "active"),
    }


def test_a_repeated_invitation_is_one_and_has_the_same_token(owner):
    first, again = (invite(owner, Idempotency_Key="one") for _ in range(2))
    assert first.json() == again.json()
    other = invite(owner).json()
    assert other["invitation_token"] == first.json()["invitation_token"]
    changed = invite(owner, role="analyst").json()
    assert changed["invitation_token"] != other["invitation_token"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "siti", "role": "agent"}, "/email"),
        ({"email": "siti@mail.example", "role": "boss"}, "/role"),
        ({"role": "agent"}, "/email"),
        ({"email": "siti@mail.example", "role": "agent", "more": 1}, "/more"),
        ({"email": "a" * 250 + "@mail.example", "role": "agent"}, "/email"),
    ],
)
def test_who_cannot_be_invited_is_told_why(owner, body, pointer):
    answer = owner.http.post("/v1/users", json=body)
    assert refused(answer, 422, "invalid")["errors"][0]["pointer"] == pointer


def test_an_admin_manages_everybody_but_owners(site, ws, owner):
    admin, agent = site.person(ws, "admin"), site.person(ws, "agent")
    assert invite(admin).status_code == 201
    refused(invite(admin, "boss@mail.example", "owner"), 403, "owners_only")
    assert patched(admin, agent.id, "analyst").status_code == 200
    refused(patched(admin, agent.id, "owner"), 403, "owners_only")
    refused(patched(admin, owner.id, "agent"), 403, "owners_only")
    refused(admin.http.delete(f"/v1/users/{owner.id}"), 403, "owners_only")
    refused(patched(admin, admin.id, "owner"), 403, "owners_only")


def test_the_last_owner_stays_until_there_is_another(site, ws, owner):
    refused(owner.http.delete(f"/v1/users/{owner.id}"), 409, "last_owner")
    refused(patched(owner, owner.id, "admin"), 409, "last_owner")
    invite(owner, "next@mail.example", "owner")
    refused(owner.http.delete(f"/v1/users/{owner.id}"), 409, "last_owner")
    other = site.person(ws, "agent")
    assert patched(owner, other.id, "owner").status_code == 200
    assert owner.http.delete(f"/v1/users/{owner.id}").status_code == 200
    until(other.me, lambda answer: answer.json()["role"] == "owner")
    refused(other.http.delete(f"/v1/users/{other.id}"), 409, "last_owner")
    assert other.http.post(f"/v1/users/{owner.id}/restore").status_code == 200
    assert other.http.delete(f"/v1/users/{other.id}").status_code == 200


def test_two_owners_who_demote_each_other_at_once_leave_one(site, ws, owner):
    other = site.person(ws, "owner")
    pairs = ((owner, other), (other, owner))
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda pair: patched(pair[0], pair[1].id, "agent"), pairs))
    assert min(a.status_code for a in answers) == 200
    assert {a.status_code for a in answers} in ({200, 403}, {200, 409})
    facts = [r for r in site.stage.store.read(0, 100_000) if r.workspace_id == ws]
    assert [r.type for r in facts].count("OwnerLeft") == 1


def test_another_role_counts_within_a_second_on_both_apis(site, ws, owner):
    siti = site.person(ws, "agent")
    refused(siti.http.get("/v1/campaigns"), 403, "permission_missing")
    assert patched(owner, siti.id, "admin").status_code == 200
    until(lambda: siti.http.get("/v1/campaigns"), lambda a: a.status_code == 200)
    assert invite(siti).status_code == 201
    assert patched(owner, siti.id, "analyst").status_code == 200
    until(lambda: invite(siti, "x@mail.example"), lambda a: a.status_code == 403)
    refused(siti.http.get("/v1/contacts"), 403, "permission_missing")


def test_whoever_is_removed_is_out_within_a_second_and_stays_out_when_restored(site, ws, owner):
    siti = site.person(ws, "agent", "siti@mail.example")
    elsewhere = site.entered(ws, "siti@mail.example")
    assert owner.http.delete(f"/v1/users/{siti.id}").status_code == 200
    until_refused(siti.me)
    until_refused(lambda: siti.http.post("/v1/groups", json={"name": "VIP"}))
    refused(site.sign_in(ws, "siti@mail.example"), 401, "sign_in_failed")
    refresh = {"refresh_token": siti.refresh_token}
    refused(site.http.post("/v1/sessions/refresh", json=refresh), 401, "session_over")
    assert owner.http.post(f"/v1/users/{siti.id}/restore").status_code == 200
    refused(site.http.post("/v1/sessions/refresh", json=refresh), 401, "session_over")
    again = site.entered(ws, "siti@mail.example")
    assert again.me().status_code == 200
    seen = owner.http.get(f"/v1/users/{siti.id}", headers=until_position(site))
    assert seen.json()["status"] == "active"
    assert elsewhere.me().status_code == 401


def test_a_stale_role_change_and_one_without_a_version_are_refused(owner):
    version = owner.http.get(f"/v1/users/{owner.id}").json()["version"]
    path, body = f"/v1/users/{owner.id}", {"role": "admin"}
    refused(owner.http.patch(path, json=body), 428, "if_match_missing")
    stale = {"If-Match": f'"{version - 1}"'}
    refused(owner.http.patch(path, json=body, headers=stale), 412, "version_stale")


def test_a_number_is_shared_with_a_user_and_no_more(site, ws, owner):
    siti = site.person(ws, "agent")
    number = str(uuids.uuid7().int)[:20]
    body = {"phone_number_id": number, "waba_id": "1", "display_phone_number": "+62 811 1"}
    account_id = owner.http.post("/v1/accounts", json=body).json()["id"]
    path = f"/v1/accounts/{account_id}/users/{siti.id}"
    refused(siti.http.put(path), 403, "permission_missing")
    for _ in range(2):
        assert owner.http.put(path).status_code == 200
    until(siti.me, lambda a: [n["account_id"] for n in a.json()["numbers"]] == [account_id])
    shown = owner.http.get(f"/v1/users/{siti.id}").json()
    assert [n["account_id"] for n in shown["numbers"]] == [account_id]
    assert owner.http.delete(path).status_code == 200
    until(siti.me, lambda a: a.json()["numbers"] == [])
    nowhere = show("account", uuids.uuid7())
    refused(owner.http.put(f"/v1/accounts/{nowhere}/users/{siti.id}"), 404, "not_found")


def test_users_of_another_workspace_are_not_there(site, ws, owner):
    other_ws = site.workspace()
    other = site.person(other_ws)
    siti = site.person(ws, "agent")
    theirs, headers = f"/v1/users/{siti.id}", {"If-Match": '"2"'}
    for answer in (
        other.http.get(theirs),
        other.http.get(f"{theirs}/sessions"),
        other.http.patch(theirs, json={"role": "admin"}, headers=headers),
        other.http.delete(theirs),
        other.http.post(f"{theirs}/restore"),
        other.http.delete(f"/v1/sessions/{siti.session_id}"),
    ):
        refused(answer, 404, "not_found")
    assert siti.id not in other.http.get("/v1/users").text


def test_failed_sign_ins_are_shown_to_who_manages_people(site, ws, owner):
    siti = site.person(ws, "agent", "siti@mail.example")
    for _ in range(2):
        site.sign_in(ws, "siti@mail.example", "not her password")
    until(
        lambda: owner.http.get(f"/v1/users/{siti.id}"),
        lambda answer: answer.json()["failed_sign_ins"] == 2,
    )


def test_facts_name_the_person_who_brought_them_about(site, ws, owner):
    invite(owner)
    facts = [r for r in site.stage.store.read(0, 100_000) if r.workspace_id == ws]
    actors = [r.metadata for r in facts if r.type == "UserInvited"]
    hexadecimal = owner.id.removeprefix("usr_").encode()
    assert b"operator" in actors[0]
    assert b"user:" + hexadecimal in actors[1]


def test_a_session_the_read_models_do_not_know_yet_is_taken_at_its_word_for_seconds(site):
    """See tests/test_tokens.py for the seconds; here nobody has to wait after signing in."""
    ws = site.workspace()
    for _ in range(5):
        assert site.person(ws, "agent").me().status_code == 200
