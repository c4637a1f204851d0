"""From an invitation to a session over HTTP, what is refused on the way, and how a session ends."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from domain.ids import parse, show
from domain.user import ChangePassword, UserPasswordRehashed, user
from tests.people_site import NEW_PASSWORD, PASSWORD, elsewhere, people_site

WITHIN_S = 1.0


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with people_site(tmp_path_factory.mktemp("people")) as running:
        yield running


@pytest.fixture
def later(site):
    """Moves the time at the desk, for this test."""

    def move(**ahead):
        site.clock.ahead = timedelta(**ahead)

    yield move
    site.clock.ahead = None


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()


def until_refused(ask):
    """Asks until the answer is 401, which must come soon."""
    began = time.monotonic()
    while ask().status_code != 401:
        assert time.monotonic() - began < WITHIN_S
        time.sleep(0.01)


def test_an_invited_person_joins_signs_in_and_is_known(site):
    ws = site.workspace()
    joined = site.accept(site.invited(ws, "Ana@Mail.example"))
    assert joined.json()["workspace_id"] == show("workspace", ws)
    ana = site.entered(ws, "ana@mail.EXAMPLE")
    body = ana.me().json()
    assert (body["role"], body["session_id"]) == ("owner", ana.session_id)
    assert (body["user"]["name"], body["user"]["user_id"]) == ("Ana", ana.id)
    assert "workspace.manage" in body["permissions"]


@pytest.mark.parametrize("role", ["admin", "agent", "analyst", "auditor"])
def test_every_role_signs_in_and_sees_what_it_may(site, role):
    body = site.person(site.workspace(), role).me().json()
    assert body["role"] == role
    assert "workspace.manage" not in body["permissions"]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short horse", "password_weak"),
        ("aaaaaaaaaaaaaaaa", "password_weak"),
        ("ü" * 65 + "abcde", "password_long"),
        ("x" * 129, "string_too_long"),
        ("tab\tin the middle", "control_character"),
        ("", "string_too_short"),
    ],
)
def test_a_weak_or_endless_password_is_refused_with_what_would_be_right(site, password, code):
    answer = site.accept(site.invited(site.workspace(), "a@mail.example"), password=password)
    (error,) = refused(answer, 422, "invalid")["errors"]
    assert (error["pointer"], error["code"]) == ("/password", code)
    assert password not in answer.text or not password


def test_an_invitation_is_good_once_and_for_a_week(site, later):
    ws = site.workspace()
    token = site.invited(ws, "ana@mail.example")
    refused(site.accept(token[:-1] + ("A" if token[-1] != "A" else "B")), 404, "not_found")
    refused(site.accept("blz_inv_" + "A" * 90), 404, "not_found")
    later(days=7)
    refused(site.accept(token), 409, "invitation_expired")
    later()
    assert site.accept(token).status_code == 200
    refused(site.accept(token), 409, "invitation_used")


def test_nobody_the_wrong_password_and_the_wrong_workspace_get_the_same_answer(site):
    ws, other = site.workspace(), site.workspace()
    site.person(ws, email="ana@mail.example")
    known, unknown, foreign = (
        refused(site.sign_in(*who, **elsewhere()), 401, "sign_in_failed")
        for who in (
            (ws, "ana@mail.example", "not her password"),
            (ws, "eve@mail.example", PASSWORD),
            (other, "ana@mail.example", PASSWORD),
        )
    )
    said = [{k: v for k, v in body.items() if k != "request_id"} for body in (known, unknown)]
    assert said[0] == said[1]
    assert known["detail"] == foreign["detail"]


def test_an_unknown_e_mail_takes_as_long_as_a_wrong_password(site):
    ws = site.workspace()
    site.person(ws, email="ana@mail.example")

    def fastest(email):
        times = []
        for _ in range(4):
            began = time.perf_counter()
            site.sign_in(ws, email, "not the password", **elsewhere())
            times.append(time.perf_counter() - began)
        return min(times)

    known, unknown = fastest("ana@mail.example"), fastest("eve@mail.example")
    assert 0.5 < unknown / known < 2


def test_after_a_few_failures_one_waits_but_not_at_another_address(site, later):
    ws, here = site.workspace(), elsewhere()
    site.person(ws, email="ana@mail.example")
    for _ in range(5):
        refused(site.sign_in(ws, "ana@mail.example", "wrong one", **here), 401, "sign_in_failed")
    answer = site.sign_in(ws, "ana@mail.example", PASSWORD, **here)
    refused(answer, 429, "too_many_requests")
    assert 50 <= int(answer.headers["Retry-After"]) <= 60
    assert site.sign_in(ws, "ana@mail.example", **elsewhere()).status_code == 200
    later(seconds=61)
    assert site.sign_in(ws, "ana@mail.example", **here).status_code == 200
    types = [r.type for r in site.stage.store.read(0, 100_000) if r.workspace_id == ws]
    assert types.count("SignInFailed") == 5
    assert types.count("SignInFailuresForgiven") == 1


def test_many_guesses_at_once_are_looked_at_one_by_one(site):
    ws, here = site.workspace(), elsewhere()
    site.person(ws, email="ana@mail.example")

    def guess(n):
        return site.sign_in(ws, "ana@mail.example", f"guess number {n}", **here).status_code

    with ThreadPoolExecutor(20) as threads:
        answers = Counter(threads.map(guess, range(20)))
    assert answers == {401: 5, 429: 15}


def test_a_password_kept_in_an_older_way_is_kept_anew_when_its_user_signs_in(site):
    ws = site.workspace()
    ana = site.person(ws)
    id_ = parse("user", ana.id)
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    command = ChangePassword(workspace_id=ws, user_id=id_, password_hash=weak)
    site.stage.do(user, id_, command)
    entered = [site.entered(ws, email_of(site, id_)) for _ in range(2)]
    facts = [recorded.event for recorded in site.stage.store.load([id_])[id_]]
    (rehashed,) = [fact for fact in facts if isinstance(fact, UserPasswordRehashed)]
    assert "m=19456,t=2,p=1" in rehashed.password_hash
    assert [person.me().status_code for person in entered] == [200, 200]


def email_of(site, user_id):
    return site.stage.store.load([user_id])[user_id][0].event.email


def test_an_access_token_is_good_for_a_quarter_of_an_hour(site, later):
    ana = site.person(site.workspace())
    later(minutes=14, seconds=58)
    assert ana.me().status_code == 200
    later(minutes=15)
    refused(ana.me(), 401, "unauthorised")
    body = {"refresh_token": ana.refresh_token}
    answer = site.http.post("/v1/sessions/refresh", json=body, headers=elsewhere()).json()
    assert site.client(answer["access_token"]).get("/v1/me").status_code == 200


def test_a_refresh_token_that_comes_back_ends_the_session(site):
    ana = site.person(site.workspace())

    def refresh(token):
        return site.http.post(
            "/v1/sessions/refresh", json={"refresh_token": token}, headers=elsewhere()
        )

    first = refresh(ana.refresh_token).json()
    assert first["id"] == ana.session_id
    second = refresh(first["refresh_token"]).json()
    assert len({ana.refresh_token, first["refresh_token"], second["refresh_token"]}) == 3
    refused(refresh(ana.refresh_token), 401, "refresh_token_reused")
    refused(refresh(second["refresh_token"]), 401, "session_over")
    until_refused(ana.me)
    assert site.client(second["access_token"]).get("/v1/me").status_code == 401


def test_windows_that_refresh_at_once_go_on_with_the_same_session(site, later):
    ana = site.person(site.workspace())

    def refresh(token):
        body = {"refresh_token": token}
        return site.http.post("/v1/sessions/refresh", json=body, headers=elsewhere())

    with ThreadPoolExecutor(4) as windows:
        answers = list(windows.map(refresh, [ana.refresh_token] * 4))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {answer.json()["id"] for answer in answers} == {ana.session_id}
    (following,) = {answer.json()["refresh_token"] for answer in answers}
    for answer in answers:
        assert site.client(answer.json()["access_token"]).get("/v1/me").status_code == 200
    later(seconds=11)
    refused(refresh(ana.refresh_token), 401, "refresh_token_reused")
    refused(refresh(following), 401, "session_over")


@pytest.mark.parametrize("token", ["blz_rt_", "x", "blz_rt_" + "A" * 92])
def test_what_is_no_refresh_token_opens_nothing(site, token):
    answer = site.http.post(
        "/v1/sessions/refresh", json={"refresh_token": token}, headers=elsewhere()
    )
    refused(answer, 401, "session_over")


def test_whoever_signs_out_is_out_within_a_second(site):
    ws = site.workspace()
    ana, eve = site.person(ws), site.person(ws, "agent")
    refused(eve.http.delete(f"/v1/sessions/{ana.session_id}"), 404, "not_found")
    assert ana.http.delete(f"/v1/sessions/{ana.session_id}").status_code == 200
    until_refused(ana.me)
    until_refused(lambda: ana.http.post("/v1/groups", json={"name": "VIP"}))
    assert eve.me().status_code == 200


def test_who_manages_people_sees_and_ends_their_sessions(site):
    ws = site.workspace()
    ana, eve = site.person(ws), site.person(ws, "agent")
    (listed,) = ana.http.get(f"/v1/users/{eve.id}/sessions").json()["items"]
    assert listed["session_id"] == eve.session_id
    assert listed["address"].startswith("2001:db8:")
    refused(eve.http.get(f"/v1/users/{ana.id}/sessions"), 403, "permission_missing")
    assert ana.http.delete(f"/v1/sessions/{eve.session_id}").status_code == 200
    until_refused(eve.me)
    (listed,) = ana.http.get(f"/v1/users/{eve.id}/sessions").json()["items"]
    assert listed["reason"] == "revoked"


def test_another_password_signs_out_everywhere(site):
    ws = site.workspace()
    ana = site.person(ws, email="ana@mail.example")
    change = {"current_password": "not hers at all", "new_password": NEW_PASSWORD}
    (error,) = refused(ana.http.post("/v1/me/password", json=change), 422, "invalid")["errors"]
    assert error["pointer"] == "/current_password"
    change["current_password"] = PASSWORD
    assert ana.http.post("/v1/me/password", json=change).status_code == 200
    until_refused(ana.me)
    refused(site.sign_in(ws, "ana@mail.example", **elsewhere()), 401, "sign_in_failed")
    site.entered(ws, "ana@mail.example", NEW_PASSWORD)


def test_passwords_are_in_no_read_model_and_no_log(site, caplog):
    with caplog.at_level("DEBUG"):
        site.person(site.workspace())
    assert PASSWORD not in caplog.text
    assert "argon2" not in caplog.text
    folder = Path(site.stage.read_url.removeprefix("sqlite:///")).parent
    read = b"".join(path.read_bytes() for path in folder.glob("read.sqlite*"))
    assert b"@mail.example" in read
    assert b"argon2" not in read
    facts = b"".join(path.read_bytes() for path in folder.glob("store.sqlite*"))
    assert PASSWORD.encode() not in read + facts
    kept = [r.data for r in site.stage.store.read(0, 100_000) if r.type == "UserJoined"]
    assert all(b"$argon2id$v=19$m=19456,t=2,p=1$" in data for data in kept)
