"""Sending from WAHA numbers: slowly, little, answers before campaigns, and never twice."""

import itertools
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event

from commands.policies.disconnections import DisconnectionsPolicy
from commands.policies.templates import TemplatesPolicy
from commands.policies.unresolved import UnresolvedPolicy
from commands.policies.waha_reconcile import WahaReconcilePolicy
from commands.policies.waha_sessions import WahaSessionsPolicy
from domain.account import AllowCampaigns, AskSession, ForbidCampaigns, ReportSession, account
from domain.campaign import Audience, campaign
from domain.ids import name_id
from domain.message import Content, QueueMessage, message
from domain.template import SubmitTemplate, template
from infra.pair_debts import PairDebts
from infra.providers.routed import Routed
from infra.providers.waha import Hook, Waha
from projections.messages import messages
from projections.provider_sessions import provider_sessions
from tests.senders import sending
from tests.simulators import until
from tests.stage import Stage, now
from tests.waha_simulators import API_KEY, HMAC_KEY, SESSION, waha

QUICK = {"pace_ms": 1000}
LOOK = "SELECT lanes.workspace_id, lanes.campaign_id FROM lanes WHERE lanes.account_id ="


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def provider():
    with waha(hold_ms=5000) as process:
        process.started()
        yield process


def through(provider, timeout_s=15.0):
    """Only WAHA is there: nothing can leave by another way."""
    hook = Hook("http://127.0.0.1:1/webhooks/waha", HMAC_KEY)
    connect = lambda: Waha(provider.url, API_KEY, hook, timeout_s=timeout_s)  # noqa: E731
    return lambda: Routed({"waha": connect}), connect


def reply(stage, shop, to, text="Hello"):
    id_ = uuid4()
    contact_id = stage.contact(to)
    command = QueueMessage(
        workspace_id=stage.ws,
        message_id=id_,
        campaign_id=None,
        contact_id=contact_id,
        account_id=shop,
        to=to,
        content=Content(kind="text", text=text),
    )
    stage.do(message, id_, command)
    return id_


def status(stage, id_):
    found = stage.rows(messages, messages.c.message_id == id_)
    return found[0].status if found else ""


def campaign_of(stage, shop, people):
    id_ = name_id(shop, "template", "spring:en_US")
    text = {"name": "spring", "language": "en_US", "category": "MARKETING", "body": "Hi {{1}}"}
    about = {"workspace_id": stage.ws, "template_id": id_}
    stage.do(template, id_, SubmitTemplate(**about, account_id=shop, **text))
    listed = Audience(kind="contacts", contacts=tuple(people))
    return stage.queued(listed, account_id=shop, template_id=id_)


def looks(stage):
    """Grows by each look at which of a number's campaigns and answers wait."""
    seen = []

    def note(_connection, _cursor, statement, *_more):
        if " ".join(statement.split()).startswith(LOOK):
            seen.append(statement)

    event.listen(stage.read, "before_cursor_execute", note)
    return seen


def texts(provider):
    return sorted(line["body"] for line in provider.ledger())


def test_answers_leave_one_by_one_at_the_pace_of_the_number(stage, provider):
    shop = stage.session(SESSION, **QUICK)
    made = [reply(stage, shop, f"+49155000{n}002") for n in (1, 2, 3)]
    stage.follow()
    with sending(stage, "", connect=through(provider)[0]):
        stage.await_(lambda: {status(stage, id_) for id_ in made} == {"accepted"}, "acceptance")
    at = [line["at"] for line in provider.ledger()]
    assert min(b - a for a, b in itertools.pairwise(at)) > 0.9


def test_a_campaign_stops_at_the_cap_of_the_day_and_answers_do_not(stage, provider):
    shop = stage.session(SESSION, **QUICK, messages_per_day=2)
    stage.do(account, shop, AllowCampaigns(workspace_id=stage.ws, account_id=shop))
    people = stage.contacts([{"phone": f"+49155001{n}002"} for n in range(4)])
    campaign_of(stage, shop, people)
    stage.follow()
    with sending(stage, "", connect=through(provider)[0]):
        stage.await_(lambda: len(provider.ledger()) == 2, "two messages")
        answer = reply(stage, shop, "+491550020002", "answer")
        stage.await_(lambda: status(stage, answer) == "accepted", "the answer")
    assert texts(provider) == ["Hi Ana", "Hi Ana", "answer"]
    day = now().date()
    assert PairDebts(stage.engine).spend(shop, day, 5, 2) == 0
    assert PairDebts(stage.engine).spend(shop, day + timedelta(1), 5, 2) == 2


def test_campaigns_of_a_number_that_only_answers_do_not_leave_and_are_paused(stage, provider):
    shop = stage.session(SESSION, **QUICK)
    stage.do(account, shop, AllowCampaigns(workspace_id=stage.ws, account_id=shop))
    people = stage.contacts([{"phone": "+491550010002"}])
    campaign_id = campaign_of(stage, shop, people)
    stage.do(account, shop, ForbidCampaigns(workspace_id=stage.ws, account_id=shop))
    stage.project()
    stage.follow()
    looked = looks(stage)
    with sending(stage, "", connect=through(provider)[0]):
        # It has nothing else to send, and could: what may leave would have left by now.
        stage.await_(lambda: len(looked) > 3, "a look at what waits, and what follows from it")
        answer = reply(stage, shop, "+491550020002", "answer")
        stage.await_(lambda: status(stage, answer) == "accepted", "the answer")
    assert texts(provider) == ["answer"]
    stage.policy(DisconnectionsPolicy).step(now())
    assert stage.state(campaign, campaign_id).status == "paused"
    assert stage.events(campaign_id)[-1].reason == "campaigns_not_allowed"


def test_a_template_is_approved_at_once_where_nobody_reviews(stage, provider):
    shop = stage.session(SESSION)
    id_ = name_id(shop, "template", "hi:en_US")
    about = {"workspace_id": stage.ws, "template_id": id_, "account_id": shop}
    text = {"name": "hi", "language": "en_US", "category": "UTILITY", "body": "Hi"}
    stage.do(template, id_, SubmitTemplate(**about, **text))
    stage.project()
    stage.policy(TemplatesPolicy, through(provider)[0]).step(now())
    assert stage.state(template, id_).status == "approved"


def test_nothing_leaves_while_the_session_does_not_work(stage, provider):
    shop = stage.session(SESSION, status="scan_qr", **QUICK)
    id_ = reply(stage, shop, "+491550020002")
    stage.project()
    with sending(stage, "", connect=through(provider)[0]):
        other = stage.session("other", **QUICK)
        provider.started(name="other")
        first = reply(stage, other, "+491550030002")
        stage.await_(lambda: status(stage, first) == "accepted", "another session's message")
        assert status(stage, id_) == "queued"
        about = {"workspace_id": stage.ws, "account_id": shop}
        stage.do(account, shop, ReportSession(**about, status="working"))
        stage.await_(lambda: status(stage, id_) == "accepted", "its own")


def test_a_session_that_fails_pauses_the_number_tells_people_and_heals(stage, provider):
    shop = stage.session(SESSION, **QUICK)
    id_ = reply(stage, shop, "+491550020600")
    stage.project()
    connect, sessions = through(provider)
    with sending(stage, "", connect=connect):
        stage.await_(lambda: stage.state(account, shop).status == "paused", "the pause")
    assert "session_not_working: FAILED" in stage.state(account, shop).pause_reason
    assert "NotificationRaised" in stage.names(shop)
    assert (stage.state(message, id_).status, provider.ledger()) == ("queued", [])
    about = {"workspace_id": stage.ws, "account_id": shop}
    stage.do(account, shop, AskSession(**about, action="restart"))
    policy = stage.policy(WahaSessionsPolicy, sessions)

    def resumed():
        stage.project()
        policy.step(now())
        return stage.state(account, shop).status == "connected"

    until(resumed, "the end of the pause")
    assert stage.state(account, shop).session.status == "working"


@pytest.mark.parametrize("digits", ["0500", "0501"])
def test_what_left_without_an_answer_is_found_in_the_chat_and_not_sent_again(
    stage, provider, digits
):
    shop = stage.session(SESSION, **QUICK)
    id_ = reply(stage, shop, f"+49155002{digits}")
    stage.project()
    connect, sessions = through(provider, timeout_s=0.5)
    with sending(stage, "", connect=connect):
        stage.await_(lambda: status(stage, id_) == "unknown", "the doubt")
        policy = stage.policy(WahaReconcilePolicy, sessions)

        def resolved():
            policy.step(now())
            stage.project()
            return status(stage, id_) in {"sent", "delivered", "read"}

        until(resolved, "the resolution")
    (line,) = provider.ledger()
    assert stage.state(message, id_).wamid == line["id"].rsplit("_", 1)[-1]
    assert stage.names(id_).count("MessageAttempted") == 1


def test_what_did_not_leave_stays_unknown_and_is_not_sent_again(stage, provider):
    shop = stage.session(SESSION, **QUICK)
    id_ = reply(stage, shop, "+491550020502")
    stage.project()
    connect, sessions = through(provider)
    with sending(stage, "", connect=connect):
        stage.await_(lambda: status(stage, id_) == "unknown", "the doubt")
        last = reply(stage, shop, "+491550030002")
        stage.await_(lambda: status(stage, last) == "accepted", "the next one")
    policy = stage.policy(WahaReconcilePolicy, sessions)
    assert policy.step(now()) == 0
    assert policy.step(now()) == 0
    assert (stage.state(message, id_).status, texts(provider)) == ("unknown", ["Hello"])
    assert stage.policy(UnresolvedPolicy).step(now()) == 0


def test_a_session_is_started_scanned_and_watched_over(stage, provider):
    provider.options(qr_lives_ms=60_000)
    shop = stage.session("fresh", status="stopped")
    about = {"workspace_id": stage.ws, "account_id": shop}
    policy = stage.policy(WahaSessionsPolicy, through(provider)[1])

    def row():
        stage.project()
        policy.step(now())
        stage.project()
        return stage.row(provider_sessions, provider_sessions.c.account_id == shop)

    assert (row().status, row().asked) == ("stopped", "")
    stage.do(account, shop, AskSession(**about, action="start"))
    shown = until(lambda: found if (found := row()).qr else None, "a code")
    real = provider.http.get("/api/fresh/auth/qr", params={"format": "raw"}).json()["value"]
    assert (shown.status, shown.asked, shown.qr) == ("scan_qr", "", real)
    assert timedelta(0) < shown.qr_expires_at - now() <= timedelta(seconds=20)
    provider.scanned("fresh")
    works = until(lambda: found if (found := row()).status == "working" else None, "its work")
    assert works.qr is None
    stage.do(account, shop, AskSession(**about, action="logout"))
    until(lambda: row().status == "stopped", "its end")
    assert provider.status("fresh") == "STOPPED"
