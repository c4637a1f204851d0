"""What WAHA's events say can be read again through the read API, field by field."""

import asyncio
import hmac
from datetime import UTC, datetime

import aiohttp
from sqlalchemy import func, select

from commands.accounts import account_id
from commands.execute import Ask, execute_many
from domain.access import SCOPES
from domain.account import ConnectNumber, account
from domain.ids import show
from domain.kernel import Metadata
from infra.cli.workspace import create, issue_key
from infra.comparing.differences import differences
from infra.comparing.named import MessageNamed
from infra.comparing.shown import Shown
from infra.comparing.world import sent_id, sent_messages
from infra.demo.client import Client, until
from infra.event_store.tables import webhook_inbox
from infra.thrown_away import thrown_away
from tests import waha_rebuilt as rebuilt
from tests.waha_bodies import ANA, AT_MS, ME, event
from tests.waha_corpus import EVENTS, OURS

SESSIONS = {name: f"shop-{n}" for n, name in enumerate(EVENTS)}
ANA_PHONE = ANA.partition("@")[0]
OVERTAKEN = {
    ("revocation", "message"),
    ("revocation with what it was", "message"),
    ("reaction taken back", "message.reaction"),
}
"""The first of these is not shown any more, once the second has come."""


class Readable:
    """What the read API shows of one session's events."""

    def __init__(self, session, shown, message, session_shown):
        self.session, self._shown, self._message = session, shown, message
        self._session = session_shown
        self._items = shown.transcript(account_id(session))

    async def of(self, name, payload, at_ms):
        """The event as it is shown, beside what it said; None where nothing of it is."""
        match name:
            case "message" | "message.any" if payload.get("source") == "api":
                said = {"id": payload["id"], "to": ANA, "body": payload["body"], "ack": True}
                whole = f"true_{ANA}_{self._message['wamid']}"
                to = f"{self._message['to_phone'].lstrip('+')}@c.us"
                acked = self._message["sent_at"] is not None
                return said, {"id": whole, "to": to, "body": self._message["body"], "ack": acked}
            case "message" | "message.any":
                made = (rebuilt.message(one) for one in self._items if one["sender"])
                return rebuilt.told(payload), self._same(payload, made)
            case "message.ack":
                return self._ack(payload, at_ms)
            case "message.reaction":
                pairs = ((one, made) for one in self._items for made in one["reactions"])
                made = (rebuilt.reaction(*pair) for pair in pairs)
                return rebuilt.told(payload), self._same(payload, made)
            case "message.edited":
                pairs = ((one, made) for one in self._items for made in one["edits"])
                return rebuilt.told(payload), self._same(
                    payload, (rebuilt.edit(*pair) for pair in pairs)
                )
            case "message.revoked":
                return self._revoked(payload)
            case "session.status":
                return self._status(payload)
            case _:
                steps = await self._shown.steps(account_id(self.session), payload["id"])
                made = dict(rebuilt.call(payload["id"], step) for step in steps)
                said = {key: value for key, value in payload.items() if key != "_data"}
                return said, made.get(name)

    def _same(self, payload, made):
        return next((one for one in made if one["id"] == payload["id"]), None)

    def _ack(self, payload, at_ms):
        status = rebuilt.ACKS.get(payload["ack"], "failed")
        at = self._message[f"{status}_at"]
        said = {"id": payload["id"], "at": at_ms / 1000, "failed": payload["ack"] < 0}
        return said, at and {
            "id": f"true_{ANA}_{self._message['wamid']}",
            "at": rebuilt.instant(at),
            "failed": self._message["status"] == "failed",
        }

    def _revoked(self, payload):
        after, target = payload["after"], payload["revokedMessageId"] or payload["before"]["id"]
        said = {"id": after["id"], "timestamp": float(after["timestamp"]), "from": after["from"]}
        for one in self._items:
            if one["revocation"] and one["provider_id"].endswith(target):
                told = one["revocation"]
                around = (told["revoke_id"], one["revoked_at"], told["sender"])
                return said, rebuilt.envelope(*around, mine=False)
        return said, None

    def _status(self, payload):
        named = {"WORKING": "working", "SCAN_QR_CODE": "scan_qr", "FAILED": "failed"}
        error = (payload["data"] or {}).get("error")
        said = (named[payload["status"]], error, payload["statuses"][-1]["timestamp"] / 1000)
        shown = self._session
        return {"it": said}, {
            "it": (shown["status"], shown["reason"], rebuilt.instant(shown["changed_at"]))
        }


def furnish(store, workspace_id):
    """A number for each session, and a message of ours from each."""
    groups = []
    for session in SESSIONS.values():
        number = ConnectNumber(
            workspace_id=workspace_id,
            account_id=account_id(session),
            phone_number_id=session,
            waba_id="",
            display_phone_number=f"+{ME.partition('@')[0]}",
            provider="waha",
        )
        groups += [[Ask(account, number.account_id, number)]]
    ours = [MessageNamed(session, OURS, ANA_PHONE) for session in SESSIONS.values()]
    groups += sent_messages(workspace_id, ours)
    execute_many(store, groups, Metadata(actor="operator"), datetime.now(UTC))


def bodies():
    return [
        event(name, payload, SESSIONS[of], **(more[0] if more else {}))
        for of, events in EVENTS.items()
        for name, payload, *more in events
    ]


async def fed(installation):
    key = installation.embedded.settings.waha_hmac_key.get_secret_value().partition(",")[0]
    async with aiohttp.ClientSession() as http:
        for body in bodies():
            mark = hmac.new(key.encode(), body, "sha512").hexdigest()
            headers = {"X-Webhook-Hmac": mark, "X-Webhook-Hmac-Algorithm": "sha512"}
            url = f"{installation.url}/webhooks/waha"
            async with http.post(url, data=body, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
    await until("every event having become facts", lambda: asyncio.to_thread(_done, installation))
    await asyncio.to_thread(installation.embedded.catch_up)


def _done(installation):
    counted = select(webhook_inbox.c.state, func.count()).group_by(webhook_inbox.c.state)
    with installation.embedded.write.engine.connect() as connection:
        return dict(connection.execute(counted).all()) == {"done": len(bodies())}


async def _differing(place):
    async with thrown_away(place) as installation:
        store = installation.embedded.write.store
        workspace_id = create(store, "Compared", "UTC", "ID", "en")
        furnish(store, workspace_id)
        key = issue_key(store, "Compared", SCOPES, "compare")
        await asyncio.to_thread(installation.embedded.catch_up)
        await fed(installation)
        async with Client(installation.url, installation.url, key) as client:
            client.position = store.head()
            shown = Shown(client)
            await shown.read()
            names = {p["first_name"] for p in shown.people}
            assert names == {"Ana"}
            return [line for name in EVENTS async for line in _lines(name, shown, client)]


async def _lines(name, shown, client):
    session = SESSIONS[name]
    path = f"/v1/accounts/{show('account', account_id(session))}/session"
    message = await shown.message(sent_id(MessageNamed(session, OURS)))
    readable = Readable(session, shown, message, await client.get(path))
    for event_name, payload, *more in EVENTS[name]:
        at_ms = more[0]["timestamp"] if more else AT_MS
        said, made = await readable.of(event_name, payload, at_ms)
        if (name, event_name) in OVERTAKEN and payload is EVENTS[name][0][1]:
            continue
        if name == "edit" and event_name == "message":
            made = made and made | {"body": said["body"]}  # it shows what it says now
        for difference in differences(said, made or {}):
            yield f"{name}, {event_name}: {difference}"


def test_every_kind_of_event_can_be_read_again(tmp_path):
    assert asyncio.run(_differing(tmp_path)) == []


def test_what_is_lost_or_changed_on_the_way_is_named(tmp_path, monkeypatch):
    """Here the code that takes events apart forgets a field, and mistakes another."""
    from commands.policies import waha_messages

    monkeypatch.setattr(waha_messages, "KNOWN", waha_messages.KNOWN | {"isForwarded"})
    monkeypatch.setattr(waha_messages, "_kind", lambda _: "document")
    usual = waha_messages.Media
    monkeypatch.setattr(waha_messages, "Media", lambda **said: usual(**said | {"url": "x"}))
    found = asyncio.run(_differing(tmp_path))
    assert "forwarded, message: isForwarded: sent True, shown nothing" in found
    assert "document, message: media.url: sent 'https://waha.test/f', shown 'x'" in found
