"""WAHA over HTTP: sends from numbers that are linked as WhatsApp Web, and looks after their sessions.

Nothing rides along with a message that would come back with its statuses: the id in the answer is
all there is. Where no answer came the message may have left, and what the chat shows tells.
"""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from commands.policies.ports import (
    Accepted,
    Answer,
    Heard,
    NumberInfo,
    Outbound,
    Refused,
    Registered,
    Submission,
    Unknown,
)
from commands.policies.session_ports import Sent, SessionInfo
from commands.policies.waha_chats import ACKS, PERSON, STATUSES, chat_in, chat_of, message_id
from domain.account import SessionAction
from domain.ids import show
from infra.providers.attached import opened, within_json
from infra.providers.http_client import LONGEST_REASON
from infra.providers.waha_answers import NOT_FOUND
from infra.providers.waha_bodies import CannotSend, wanted
from infra.providers.waha_http import WahaHttp

LONGEST_ID: Final = 255
LAST_MESSAGES: Final = 50
CANNOT: Final = 501
EVENTS: Final = (
    "session.status", "message.any", "message.ack", "message.reaction",
    "message.edited", "message.revoked", "call.received", "call.accepted", "call.rejected",
)  # fmt: skip
"""What a session reports; `message.any` has all that `message` has, and what the number sends."""
RETRIES: Final = {"policy": "exponential", "delaySeconds": 2, "attempts": 15}


class Hook(NamedTuple):
    """Where WAHA posts what it hears, and the key it signs that with."""

    url: str
    key: str


class Waha(WahaHttp):
    """`url` is the address of WAHA itself, without `/api`."""

    def __init__(self, url: str, api_key: str, hook: Hook, *, timeout_s: float = 30.0) -> None:
        super().__init__(url, api_key, timeout_s)
        self._hook = hook

    async def send(self, outbound: Outbound) -> Answer:
        try:
            request = wanted(outbound)
        except CannotSend as cannot:
            return Refused("M", CANNOT, str(cannot))
        body: Any = request.body
        if outbound.file is not None:
            chunks = await opened(outbound.file)
            if isinstance(chunks, Refused):
                return chunks
            body = within_json(request.body, outbound.file, chunks)
        found = await self._asked(request.method, f"/api/{request.path}", body)
        if isinstance(found, Refused | Unknown):
            return found
        id_ = message_id(found)
        if not id_ and outbound.content.kind == "reaction":
            # It has no id of its own to tell, and nothing is ever reported of it.
            id_ = show("message", outbound.message_id)
        if not 0 < len(id_) <= LONGEST_ID:
            return Unknown("answered without a message id")
        return Accepted(id_, chat_of(outbound.to).removesuffix(PERSON))

    async def hand_over(self, outbound: Outbound) -> str | Refused | Unknown:
        """Nothing to do: it goes along."""
        del outbound
        return ""

    async def submit_template(self, submission: Submission) -> Registered | Refused | Unknown:
        """Nobody reviews it: it is sent as plain text."""
        return Registered(f"{submission.name}:{submission.language}", "APPROVED")

    async def number(self, phone_number_id: str) -> NumberInfo | Refused | Unknown:
        found = await self._asked("GET", _session(phone_number_id))
        if isinstance(found, Refused | Unknown):
            return found
        me = found.get("me") if isinstance(found, dict) else None
        me = me if isinstance(me, dict) else {}
        digits = str(me.get("id") or "").partition("@")[0]
        shown = f"+{digits}" if digits else ""
        return NumberInfo(shown, str(me.get("pushName") or ""), "UNKNOWN", "")

    async def mark_read(self, heard: Heard) -> Refused | Unknown | None:
        return await self._tell("sendSeen", heard, messageIds=[heard.provider_id])

    async def show_typing(self, heard: Heard) -> Refused | Unknown | None:
        return await self._tell("startTyping", heard)

    async def hide_typing(self, heard: Heard) -> Refused | Unknown | None:
        return await self._tell("stopTyping", heard)

    async def _tell(self, what: str, heard: Heard, **more: Any) -> Refused | Unknown | None:
        chat = chat_in(heard.provider_id)
        body = {"session": heard.phone_number_id, "chatId": chat, **more}
        return await self._done("POST", f"/api/{what}", body)

    async def session(self, session: str) -> SessionInfo | Refused | Unknown:
        found = await self._asked("GET", _session(session))
        if isinstance(found, Refused) and found.code == NOT_FOUND:
            return SessionInfo("stopped", "WAHA has no such session")
        if isinstance(found, Refused | Unknown):
            return found
        said = found.get("status") if isinstance(found, dict) else None
        status = STATUSES.get(said) if isinstance(said, str) else None
        if status is None:
            return Unknown(f"answered with the status {said!r}"[:LONGEST_REASON])
        return SessionInfo(status)

    async def carry_out(self, session: str, action: SessionAction) -> Refused | Unknown | None:
        if action == "start":
            return await self._start(session)
        return await self._done("POST", f"{_session(session)}/{action}", {})

    async def _start(self, session: str) -> Refused | Unknown | None:
        """It is made if there is none, and told where to report in any case."""
        config = {"webhooks": [self._webhook()]}
        found = await self._asked("GET", _session(session))
        if isinstance(found, Refused) and found.code == NOT_FOUND:
            body = {"name": session, "start": True, "config": config}
            return await self._done("POST", "/api/sessions", body)
        if isinstance(found, Refused | Unknown):
            return found
        told = await self._done("PUT", _session(session), {"config": config})
        return told or await self._done("POST", f"{_session(session)}/start", {})

    def _webhook(self) -> dict[str, Any]:
        hmac = {"key": self._hook.key}
        return {"url": self._hook.url, "events": EVENTS, "hmac": hmac, "retries": RETRIES}

    async def qr(self, session: str) -> str | Refused | Unknown:
        path = f"/api/{quote(session, safe='')}/auth/qr"
        found = await self._asked("GET", path, query={"format": "raw"})
        if isinstance(found, Refused | Unknown):
            return found
        value = found.get("value") if isinstance(found, dict) else None
        if not isinstance(value, str) or not value:
            return Unknown("answered without a code")
        return value

    async def sent_to(
        self, session: str, to: str, since: datetime
    ) -> list[Sent] | Refused | Unknown:
        path = f"/api/{quote(session, safe='')}/chats/{quote(chat_of(to), safe='')}/messages"
        query = {
            "limit": str(LAST_MESSAGES),
            "downloadMedia": "false",
            "filter.fromMe": "true",
            "filter.timestamp.gte": str(int(since.timestamp())),
        }
        found = await self._asked("GET", path, query=query)
        if isinstance(found, Refused | Unknown):
            return found
        shown = reversed(found) if isinstance(found, list) else ()  # they come newest first
        sent = [one for message in shown if (one := _sent(message)) and one.at >= since]
        return sorted(sent, key=lambda one: one.at)


def _session(name: str) -> str:
    return f"/api/sessions/{quote(name, safe='')}"


def _sent(message: Any) -> Sent | None:
    """One of ours, as the chat shows it."""
    if not isinstance(message, dict) or message.get("fromMe") is not True:
        return None
    id_, at, ack = message_id(message), message.get("timestamp"), message.get("ack")
    if not id_ or not isinstance(at, int | float):
        return None
    body = message.get("body")
    return Sent(
        id_,
        datetime.fromtimestamp(at, UTC),
        body if isinstance(body, str) else "",
        message.get("hasMedia") is True,
        ACKS.get(ack) if isinstance(ack, int) else None,
    )
