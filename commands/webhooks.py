"""WhatsApp's webhooks: verified on the raw bytes, kept before they are answered, not yet read.

What they say becomes facts elsewhere; a sender that gets its 200 may forget them.
"""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Protocol

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commands.handling import Desk
from commands.operations import described, refusals
from domain.access import PUBLIC, Problem

PATH: Final = "/webhooks/whatsapp"
BODY_LIMIT: Final = 4 * 1024 * 1024
_SIGNATURE: Final = re.compile(r"sha256=[0-9a-f]{64}")
_CHALLENGE: Final = re.compile(r"[!-~]{1,256}")

_taken = Counter(
    "blazz_webhooks_total",
    "Webhook bodies: kept, repeated (kept before), refused (wrong signature) or failed (503).",
    ["outcome"],
)

Handler = Callable[[Request], Awaitable[Response]]


class Inbox(Protocol):
    """Keeps raw bodies; the same body once."""

    def accept_many(self, bodies: Sequence[bytes], now: datetime) -> list[bool]:
        """Durable when it returns: for each body, whether it was new."""


class Intake:
    """Bodies that arrive while others are being written wait and are written together."""

    def __init__(self, desk: Desk, inbox: Inbox) -> None:
        self._desk, self._inbox = desk, inbox
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def keep(self, body: bytes) -> None:
        """Returns when the body is durable."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, kept))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await kept

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            bodies = [body for body, _ in batch]
            try:
                fresh = await self._desk.run(self._inbox.accept_many, bodies, self._desk.clock())
            except Exception as error:  # noqa: BLE001 - every waiting request is told
                outcome: Exception | None = error
                _taken.labels("failed").inc(len(batch))
            else:
                outcome = None
                _taken.labels("kept").inc(sum(fresh))
                _taken.labels("repeated").inc(len(fresh) - sum(fresh))
            for _, kept in batch:
                if kept.done():
                    continue
                if outcome is None:
                    kept.set_result(None)
                else:
                    kept.set_exception(outcome)
        self._writer = None


def routes(desk: Desk, inbox: Inbox, app_secrets: Sequence[str], verify_token: str) -> list[Route]:
    """Handshake and delivery. Several secrets are valid while one is being replaced."""
    if not verify_token or not app_secrets or not all(app_secrets):
        raise ValueError("webhooks need an app secret and a verify token")
    shake = described_as(_handshake(verify_token.encode()), _HANDSHAKE)
    receive = described_as(_delivery(Intake(desk, inbox), app_secrets), _DELIVERY)
    receive.body_limit = BODY_LIMIT
    return [Route(PATH, shake, methods=["GET"]), Route(PATH, receive, methods=["POST"])]


def described_as(handler: Handler, operation: dict[str, Any]) -> Any:
    """Open to whoever knows the secret, which the handler asks for."""
    marked: Any = handler
    marked.operation, marked.permission = operation, PUBLIC
    return marked


def _handshake(verify_token: bytes) -> Handler:
    async def verify_webhook(request: Request) -> Response:
        given = request.query_params
        challenge, token = given.get("hub.challenge", ""), given.get("hub.verify_token", "")
        if given.get("hub.mode") != "subscribe" or not _CHALLENGE.fullmatch(challenge):
            detail = "a handshake has hub.mode=subscribe, hub.challenge and hub.verify_token"
            raise Problem(400, "handshake_malformed", detail)
        if not hmac.compare_digest(token.encode(), verify_token):
            raise Problem(403, "verify_token_wrong", "hub.verify_token is not the one agreed on")
        return Response(challenge, media_type="text/plain")

    return verify_webhook


def _delivery(intake: Intake, app_secrets: Sequence[str]) -> Handler:
    secrets = [secret.encode() for secret in app_secrets]

    async def receive_webhook(request: Request) -> Response:
        body = await request.body()
        given = request.headers.getlist("X-Hub-Signature-256")
        if len(given) != 1 or not signed(body, given[0], secrets):
            refused()
            detail = "X-Hub-Signature-256 must be sha256= and the body's HMAC in small hex digits"
            raise Problem(401, "signature_wrong", detail)
        await intake.keep(body)
        return Response(status_code=200)

    return receive_webhook


def refused() -> None:
    """Counts a body with a wrong signature."""
    _taken.labels("refused").inc()


def signed(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Whether the signature is right for one of the secrets; takes as long for each."""
    if not _SIGNATURE.fullmatch(signature):
        return False
    given = signature.removeprefix("sha256=")
    right = [
        hmac.compare_digest(hmac.new(secret, body, sha256).hexdigest(), given) for secret in secrets
    ]
    return any(right)


def header(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """One that a delivery must have."""
    return _parameter(name, "header", schema)


def _parameter(name: str, where: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": schema}


_HANDSHAKE: Final = described(
    "Agree with WhatsApp on this address",
    "webhooks",
    [
        _parameter("hub.mode", "query", {"const": "subscribe"}),
        _parameter("hub.challenge", "query", {"type": "string", "pattern": "^[!-~]{1,256}$"}),
        _parameter("hub.verify_token", "query", {"type": "string"}),
    ],
    {
        "200": {
            "description": "The challenge, sent back",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **refusals(400, 403),
    },
    {},
)
_DELIVERY: Final = {
    **described(
        "Take what WhatsApp reports",
        "webhooks",
        [header("X-Hub-Signature-256", {"type": "string"})],
        {"200": {"description": "It is kept"}, **refusals(401)},
        {},
    ),
    "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
}
