"""WAHA's webhooks: verified on the raw bytes, kept before they are answered, each event once.

A repetition may be worded anew; the id in its envelope says that it is the same event.
"""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commands.handling import Desk
from commands.operations import described, refusals
from commands.webhooks import BODY_LIMIT, Handler, Intake, described_as, header, refused
from domain.access import Problem

PATH: Final = "/webhooks/waha"
SOURCE: Final = "waha"
ALGORITHM: Final = "sha512"
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")


class Inbox(Protocol):
    """Keeps raw bodies of any source; those of one name once, or else the same bytes."""

    def accept_many(
        self,
        bodies: Sequence[bytes],
        now: datetime,
        source: str = "cloud_api",
        names: Sequence[bytes] | None = None,
    ) -> list[bool]:
        """Durable when it returns: for each body, whether it was new."""


class Events:
    """The inbox as it keeps bodies of WAHA."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def accept_many(self, bodies: Sequence[bytes], now: datetime) -> list[bool]:
        return self._inbox.accept_many(bodies, now, SOURCE, [name_of(body) for body in bodies])


class _Envelope(msgspec.Struct):
    id: str
    session: str


_envelopes = msgspec.json.Decoder(_Envelope)


def name_of(body: bytes) -> bytes:
    """What makes two bodies the same event: the envelope's id, or else every byte."""
    try:
        envelope = _envelopes.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body
    if not envelope.id:
        return body
    return msgspec.json.encode([SOURCE, envelope.session, envelope.id])


def routes(desk: Desk, inbox: Inbox, keys: Sequence[str]) -> list[Route]:
    """Several keys are valid while one is being replaced; without any, nobody is listened to."""
    if not all(keys):
        raise ValueError("a key of WAHA's webhooks must not be empty")
    if not keys:
        return []
    receive = described_as(_delivery(Intake(desk, Events(inbox)), keys), _DELIVERY)
    receive.body_limit = BODY_LIMIT
    return [Route(PATH, receive, methods=["POST"])]


def _delivery(intake: Intake, keys: Sequence[str]) -> Handler:
    secrets = [key.encode() for key in keys]

    async def receive_waha_webhook(request: Request) -> Response:
        body = await request.body()
        given = request.headers.getlist("X-Webhook-Hmac")
        algorithm = request.headers.get("X-Webhook-Hmac-Algorithm", ALGORITHM).lower()
        right = algorithm == ALGORITHM and len(given) == 1 and signed(body, given[0], secrets)
        if not right:
            refused()
            detail = (
                "X-Webhook-Hmac must be the body's HMAC in small hex digits, and "
                f"X-Webhook-Hmac-Algorithm {ALGORITHM}"
            )
            raise Problem(401, "signature_wrong", detail)
        await intake.keep(body)
        return Response(status_code=200)

    return receive_waha_webhook


def signed(body: bytes, signature: str, keys: Sequence[bytes]) -> bool:
    """Whether the signature is right for one of the keys; takes as long for each."""
    if not _SIGNATURE.fullmatch(signature):
        return False
    right = [
        hmac.compare_digest(hmac.new(key, body, ALGORITHM).hexdigest(), signature) for key in keys
    ]
    return any(right)


_DELIVERY: Final[dict[str, Any]] = {
    **described(
        "Take what WAHA reports",
        "webhooks",
        [
            header("X-Webhook-Hmac", {"type": "string"}),
            header("X-Webhook-Hmac-Algorithm", {"const": ALGORITHM}),
        ],
        {"200": {"description": "It is kept"}, **refusals(401)},
        {},
    ),
    "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
}
