"""A customer is shown that somebody writes: through the provider, and nowhere kept."""

import time
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from domain.account import PauseNumber, SwitchReadReceipts, account
from domain.ids import parse
from infra.providers.cloud_api import CloudApi
from infra.providers.routed import Routed
from infra.providers.waha import Hook, Waha
from tests.chat_site import Chat, begin, found
from tests.command_site import command_site, unknown
from tests.simulators import TOKEN, simulator, until
from tests.waha_simulators import API_KEY, SESSION, waha

PHONE = "+6281234567890"


@pytest.fixture(scope="module")
def cloud():
    with simulator(hold_ms=60_000) as running:
        yield running


@pytest.fixture(scope="module")
def sessions():
    with waha() as running:
        running.started()
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory, cloud, sessions):
    def providers():
        return Routed(
            {
                "cloud_api": lambda: CloudApi(f"{cloud.url}/v23.0", TOKEN, timeout_s=60),
                "waha": lambda: Waha(sessions.url, API_KEY, Hook("http://127.0.0.1:9", "k")),
            }
        )

    with command_site(tmp_path_factory.mktemp("site"), providers) as running:
        yield running


@pytest.fixture
def chat(site):
    return begin(site.workspace())


def heard(cloud, chat, phone=PHONE, **more):
    """The customer writes to the number; the provider's id of it."""
    number = chat.facts(chat.account_id)[0].phone_number_id
    answer = cloud.control("inbound", phone_number_id=number, **{"from": phone}, text="Hello")
    wamid = answer.json()["id"]
    chat.customer_writes(wamid=wamid, **more)
    return wamid


def marks(cloud, wamid):
    lines = httpx2.get(f"{cloud.url}/_simulator/read_marks").text.splitlines()
    return [line for line in lines if wamid in line]


def test_typing_is_shown_under_the_last_message_and_leaves_no_trace(chat, cloud):
    heard(cloud, chat, at=datetime.now(UTC) - timedelta(hours=1))
    wamid = heard(cloud, chat)
    before = chat.company.facts()
    answer = chat.do("typing")
    assert (answer.status_code, answer.json()) == (202, {"id": chat.path.rsplit("/", 1)[-1]})
    until(lambda: marks(cloud, wamid), "the indicator")
    (mark,) = marks(cloud, wamid)
    assert '"typing":true' in mark
    assert chat.company.facts() == before


def test_who_types_on_and_on_is_shown_now_and_then(chat, cloud):
    wamid = heard(cloud, chat)
    began, asked = time.monotonic(), 0
    while len(marks(cloud, wamid)) < 2:
        assert chat.do("typing").status_code == 202
        asked += 1
    lasted_s = time.monotonic() - began
    shown = len(marks(cloud, wamid))
    assert lasted_s >= 0.4, "the second one came too early"
    assert shown <= 1 + lasted_s / 0.5
    assert asked > shown


def test_a_provider_that_does_not_answer_holds_nobody_up(site, cloud):
    hung, other = begin(site.workspace(), "+6281234560500"), begin(site.workspace())
    never = heard(cloud, hung, "+6281234560500")
    assert hung.do("typing").status_code == 202
    until(lambda: marks(cloud, never), "the request that gets no answer")
    wamid = heard(cloud, other)
    assert other.do("typing").status_code == 202
    until(lambda: marks(cloud, wamid), "the indicator of the other")


def test_a_waha_session_is_told_when_it_begins_and_when_it_ends(site, sessions):
    company = site.workspace()
    found(company)
    account_id = parse("account", company.session(SESSION))
    chat = Chat(company, account_id, parse("contact", company.contact(PHONE)))
    id_ = sessions.person("write", PHONE, text="Hello")
    chat.customer_writes(wamid=id_)
    assert chat.do("typing").status_code == 202
    until(lambda: len(sessions.stats()["seen"]) == 2, "beginning and end")
    body = {"session": SESSION, "chatId": f"{PHONE.lstrip('+')}@c.us"}
    assert sessions.stats()["seen"] == [["startTyping", body], ["stopTyping", body]]


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()["detail"]


def test_where_no_text_could_be_sent_nobody_is_shown_typing(chat, site, cloud):
    missing = f"/v1/conversations/{unknown('conversation')}/typing"
    refused(chat.company.post(missing), 404, "not_found")
    wamid = heard(cloud, chat, at=datetime.now(UTC) - timedelta(hours=25))
    assert "24 hours old" in refused(chat.do("typing"), 409, "window_closed")
    heard(cloud, chat)
    refused(site.workspace().post(f"{chat.path}/typing"), 404, "not_found")
    about = {"account_id": chat.account_id}
    chat.ask(account, chat.account_id, SwitchReadReceipts, **about, on=False)
    refused(chat.do("typing"), 409, "read_receipts_off")
    chat.ask(account, chat.account_id, PauseNumber, **about, reason="")
    refused(chat.do("typing"), 409, "account_not_connected")
    assert marks(cloud, wamid) == []


def test_typing_needs_the_permission_to_answer_and_says_nothing_else(chat, site, cloud):
    heard(cloud, chat)
    reader = site.workspace(scopes='["read"]')
    refused(reader.post(f"{chat.path}/typing"), 403, "permission_missing")
    refused(chat.do("typing", text="Hel"), 422, "invalid")
    refused(chat.company.post(f"{chat.path}/typing?x=1"), 422, "invalid")
