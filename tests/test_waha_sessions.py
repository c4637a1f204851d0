"""What the WAHA adapter does beside sending: sessions, chats; and who sends what."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from commands.policies.ports import Outbound, Registered, Submission
from commands.policies.session_ports import SessionInfo
from domain.message import Content
from infra.providers.cloud_api import CloudApi
from infra.providers.routed import Routed
from infra.providers.waha import EVENTS, Waha
from tests.peers import Peer
from tests.simulators import until
from tests.test_waha_provider import (
    DOWN,
    HOOK,
    MESSAGE,
    TEXT,
    ask,
    kept_here,
    send,
)
from tests.waha_simulators import API_KEY, HMAC_KEY, SESSION, waha


@pytest.fixture(scope="module")
def running():
    with waha() as process:
        process.started()
        yield process


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.close()


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_a_session_is_made_told_where_to_report_scanned_and_stopped(running):
    name = "fresh"

    async def whole_life(api):
        seen = [await api.session(name)]
        seen.append(await api.carry_out(name, "start"))
        await asyncio.to_thread(until, lambda: running.status(name) == "SCAN_QR_CODE", "a code")
        seen += [await api.session(name), await api.qr(name)]
        await asyncio.to_thread(running.scanned, name)
        seen += [await api.session(name), await api.qr(name), await api.number(name)]
        for action in ("start", "restart", "stop", "logout"):
            seen.append(await api.carry_out(name, action))
        return [*seen, await api.session(name)]

    absent, made, scan, code, works, late, number, *done, ended = ask(running.url, whole_life)
    assert absent == SessionInfo("stopped", "WAHA has no such session")
    assert made is None
    assert (scan, works, ended) == tuple(map(SessionInfo, ("scan_qr", "working", "stopped")))
    assert code.startswith("2@")
    assert (late.error_class, late.code) == ("P", 422)
    assert (number.display_phone_number, number.verified_name) == (
        "+15550000001", "Simulated Business",
    )  # fmt: skip
    assert done == [None] * 4
    (webhook,) = running.http.get(f"/api/sessions/{name}").json()["config"]["webhooks"]
    assert (webhook["url"], webhook["hmac"]) == (HOOK.url, {"key": HMAC_KEY})
    assert webhook["events"] == list(EVENTS)


def test_a_chat_tells_what_has_left_oldest_first_and_how_far_it_came(running):
    to = "+491550000002"
    for text in ("one", "two"):
        send(running.url, Content(kind="text", text=text), to=to)
    send(running.url, kept_here("image", "image/png", text="look"), to=to)
    running.person("write", to, text="not ours")

    def sent(since=LONG_AGO):
        return ask(running.url, lambda api: api.sent_to(SESSION, to, since))

    def all_read():
        found = sent()
        return found if {one.status for one in found} == {"read"} else None

    found = until(all_read, "reads")
    assert [(one.text, one.has_media) for one in found] == [
        ("one", False), ("two", False), ("look", True),
    ]  # fmt: skip
    assert all(one.wamid.startswith("3EB0") for one in found)
    assert sent(datetime.now(UTC) + timedelta(minutes=5)) == []
    absent = ask(running.url, lambda api: api.sent_to("nobody", to, LONG_AGO))
    assert absent.error_class == "P"


def test_a_template_needs_no_review(peer):
    submission = Submission("", "spring", "en", "UTILITY", "Hi", "", "", "", (), "waha")
    answer = ask(peer.url, lambda api: api.submit_template(submission))
    assert (answer, peer.asked) == (Registered("spring:en", "APPROVED"), [])


def test_each_message_goes_through_its_numbers_provider_and_never_through_another(peer):
    other = Peer()
    connects = {
        "waha": lambda: Waha(peer.url, API_KEY, HOOK),
        "cloud_api": lambda: CloudApi(other.url, "token"),
    }

    async def sending(names):
        async with Routed({name: connects[name] for name in names}) as routed:
            one = Outbound(MESSAGE, SESSION, "+491550001", TEXT, "waha")
            return [await routed.send(one), await routed.number(SESSION), await routed.number("1")]

    peer.answers = [(422, DOWN), (200, {})]
    refused, _, _ = asyncio.run(sending(["waha", "cloud_api"]))
    assert refused.error_class == "P"
    assert [asked.path for asked in peer.asked] == ["/api/sendText", f"/api/sessions/{SESSION}"]
    assert [asked.path.partition("?")[0] for asked in other.asked] == ["/v23.0/1"]
    refused, *_ = asyncio.run(sending(["cloud_api"]))
    assert refused.error_class == "A"
    assert {asked.method for asked in other.asked} == {"GET"}
    other.close()
