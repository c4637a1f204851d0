"""How answers of WAHA are read: in the expected shape, or as what its absence means.

Refused is only what WAHA has certainly not handed on. Whatever it failed at on its own side (5xx)
may have left, for it hands a message on before it knows that all went well.
"""

from typing import Any, Final

import msgspec

from commands.policies.ports import Refused, Unknown
from domain.account import SESSION_DOWN
from domain.message import ErrorClass
from infra.providers.http_client import LONGEST_REASON, Reply

FINE: Final = frozenset({200, 201, 204})
CLIENT_ERROR, UNPROCESSABLE, SERVER_ERROR, NOT_IMPLEMENTED = 400, 422, 500, 501
NOT_FOUND: Final = 404
CLASSES: Final[dict[int, ErrorClass]] = {
    401: "A",
    403: "A",
    404: "P",
    408: "B",
    429: "T",
    501: "M",
}
"""Any other 4xx is the message's own fault; a redirect, the configured address's."""


def read(reply: Reply | Refused | Unknown) -> Any | Refused | Unknown:
    """The JSON of a good answer, None where it has no body; else what its absence means."""
    if not isinstance(reply, Reply):
        return reply
    if reply.status not in FINE:
        return _refusal(reply)
    try:
        return msgspec.json.decode(reply.body) if reply.body else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unknown(f"answered {reply.status} without a readable body: {error}"[:LONGEST_REASON])


def _refusal(reply: Reply) -> Refused | Unknown:
    said, status = _said(reply.body), reply.status
    if status >= SERVER_ERROR and status != NOT_IMPLEMENTED:
        return Unknown(f"HTTP {status}: {_words(said)}"[:LONGEST_REASON])
    if status == UNPROCESSABLE and isinstance(state := said.get("status"), str):
        return Refused("P", status, f"{SESSION_DOWN}: {state}"[:LONGEST_REASON])
    if status == NOT_FOUND:
        return Refused("P", status, f"{SESSION_DOWN}: {_words(said)}"[:LONGEST_REASON])
    usual: ErrorClass = "A" if status < CLIENT_ERROR else "M"
    return Refused(CLASSES.get(status, usual), status, _words(said)[:LONGEST_REASON])


def _said(body: bytes) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _words(said: dict[str, Any]) -> str:
    """What an error says, wherever its engine has put it."""
    exception = said.get("exception")
    inner = exception.get("message") if isinstance(exception, dict) else None
    for found in (inner, said.get("message"), said.get("error")):
        words = "; ".join(map(str, found)) if isinstance(found, list) else found
        if isinstance(words, str) and words:
            return words
    return "it does not say why"
