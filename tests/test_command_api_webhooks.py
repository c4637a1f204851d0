import hmac
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from prometheus_client import REGISTRY

from commands.handling import Desk
from commands.webhooks import routes, signed
from tests.command_site import SECRETS, VERIFY_TOKEN, command_site

PATH = "/webhooks/whatsapp"
BODY = b'{"object":"whatsapp_business_account","entry":[],"text":"\xc3\xbc \\u00fc"}'


@pytest.fixture
def site(tmp_path):
    with command_site(tmp_path) as running:
        yield running


@pytest.fixture
def http(site):
    """Without a key: the signature is the proof."""
    client = site.workspace().http
    del client.headers["Authorization"]
    return client


def sign(body, secret=SECRETS[0]):
    return "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()


def deliver(http, body=BODY, signature=None):
    headers = {"X-Hub-Signature-256": signature or sign(body), "Content-Type": "application/json"}
    return http.post(PATH, content=body, headers=headers)


def shake(http, **given):
    wanted = {"mode": "subscribe", "challenge": "1158201444", "verify_token": VERIFY_TOKEN, **given}
    params = {f"hub.{name}": value for name, value in wanted.items() if value is not None}
    return http.get(PATH, params=params)


def test_a_signed_body_is_kept_byte_for_byte_and_answered(site, http):
    assert deliver(http).status_code == 200
    (kept,) = site.inbox.take(10, Desk(site.store).clock())
    assert bytes(kept.body) == BODY


def test_the_same_body_again_is_answered_and_kept_once(site, http):
    assert [deliver(http).status_code for _ in range(3)] == [200, 200, 200]
    assert site.inbox.counts() == {"new": 1}


def test_many_at_once_are_all_kept(site, http):
    bodies = [BODY + b" " * n for n in range(100)]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda body: deliver(http, body), bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert site.inbox.counts() == {"new": 100}


def test_what_cannot_be_read_is_kept_too_for_people_to_look_at(site, http):
    assert deliver(http, b"not json").status_code == 200
    assert site.inbox.counts() == {"new": 1}


def test_both_secrets_are_good_while_one_is_being_replaced(http):
    for secret in SECRETS:
        assert deliver(http, BODY, sign(BODY, secret)).status_code == 200


@pytest.mark.parametrize(
    "signature",
    [
        "sha256=" + "0" * 64,
        sign(BODY + b" "),
        sign(BODY, "another secret"),
        sign(BODY)[:-1],
        sign(BODY)[7:],
        sign(BODY).upper(),
        sign(BODY).replace("sha256", "sha1"),
        "sha256=" + hmac.new(SECRETS[0].encode(), BODY, "sha1").hexdigest(),
        "x",
    ],
)
def test_a_wrong_signature_is_refused_and_nothing_kept(site, http, signature):
    answer = deliver(http, BODY, signature)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_wrong")
    assert site.inbox.counts() == {}


def test_a_missing_or_doubled_signature_is_refused(site, http):
    name = "X-Hub-Signature-256"
    for headers in ([], [(name, sign(BODY)), (name, sign(BODY))]):
        assert http.post(PATH, content=BODY, headers=headers).status_code == 401
    assert site.inbox.counts() == {}


def test_a_body_above_4_mib_is_refused(site, http):
    body = b"x" * (4 * 1024 * 1024 + 1)
    assert deliver(http, body).status_code == 413
    assert deliver(http, body[1:]).status_code == 200


def test_the_handshake_gives_the_challenge_back(http):
    answer = shake(http)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"verify_token": "wrong"}, 403),
        ({"verify_token": "ü"}, 403),
        ({"verify_token": None}, 403),
        ({"mode": "unsubscribe"}, 400),
        ({"mode": None}, 400),
        ({"challenge": None}, 400),
        ({"challenge": "a b"}, 400),
        ({"challenge": "x" * 257}, 400),
    ],
)
def test_a_wrong_handshake_is_refused(http, given, status):
    assert shake(http, **given).status_code == status


def test_webhooks_without_secrets_do_not_start(site):
    desk = Desk(site.store)
    for secrets, token in (((), "t"), (("",), "t"), (("s",), "")):
        with pytest.raises(ValueError, match="app secret"):
            routes(desk, site.inbox, secrets, token)


def test_a_signature_is_compared_with_every_secret():
    assert signed(BODY, sign(BODY, "b"), [b"a", b"b"])
    assert not signed(BODY, sign(BODY, "c"), [b"a", b"b"])


def test_when_the_inbox_cannot_keep_a_body_the_sender_is_told_to_come_again(site, http):
    with site.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE webhook_inbox RENAME TO gone")
    assert deliver(http).status_code == 503
    with site.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO webhook_inbox")
    assert deliver(http).status_code == 200


def counted(outcome):
    return REGISTRY.get_sample_value("blazz_webhooks_total", {"outcome": outcome}) or 0


def test_what_became_of_webhooks_is_counted(site, http):
    before = {outcome: counted(outcome) for outcome in ("kept", "repeated", "refused")}
    deliver(http)
    deliver(http)
    deliver(http, signature=sign(BODY, "no secret of ours"))
    assert {o: counted(o) - n for o, n in before.items()} == dict.fromkeys(before, 1)
