"""How answers of the Cloud API are read: in the expected shape, or as what its absence means."""

from typing import Any, TypeVar

import msgspec

from commands.policies.ports import Refused, Registered, Unknown
from infra.providers.error_codes import SERVER_ERROR, classify, classify_status
from infra.providers.http_client import LONGEST_REASON, Reply

OK, REDIRECT = 200, 300


class SentMessage(msgspec.Struct):
    id: str


class Uploaded(msgspec.Struct):
    id: str


class SentTo(msgspec.Struct):
    wa_id: str = ""


class Sent(msgspec.Struct):
    messages: list[SentMessage]
    contacts: list[SentTo] = []


class GraphError(msgspec.Struct):
    code: int
    message: str = ""
    error_subcode: int | None = None
    is_transient: bool = False
    error_data: Any = None


class Graph(msgspec.Struct):
    error: GraphError


class TemplateEntry(msgspec.Struct):
    id: str
    status: str
    name: str = ""
    language: str = ""
    rejected_reason: str = ""

    def registered(self) -> Registered:
        reason = "" if self.rejected_reason == "NONE" else self.rejected_reason
        return Registered(self.id, self.status.upper(), reason)


class TemplateList(msgspec.Struct):
    data: list[TemplateEntry]


class Success(msgspec.Struct):
    success: bool = True


class Number(msgspec.Struct):
    display_phone_number: str = ""
    verified_name: str = ""
    quality_rating: str = "UNKNOWN"
    messaging_limit_tier: str = ""


T = TypeVar("T")


def read(reply: Reply | Refused | Unknown, shape: type[T]) -> T | Refused | Unknown:
    """The answer in its expected shape, or what its absence means."""
    if not isinstance(reply, Reply):
        return reply
    if reply.status != OK:
        return _refusal(reply)
    try:
        return msgspec.json.decode(reply.body, type=shape)
    except msgspec.MsgspecError as error:
        return Unknown(f"answered 200 without a readable body: {error}"[:LONGEST_REASON])


def _refusal(reply: Reply) -> Refused | Unknown:
    try:
        error = msgspec.json.decode(reply.body, type=Graph).error
    except msgspec.MsgspecError:
        words = f"HTTP {reply.status} without a readable body"
        if not REDIRECT <= reply.status < SERVER_ERROR:
            return Unknown(words)
        return Refused(classify_status(reply.status), reply.status, words)
    details = error.error_data.get("details", "") if isinstance(error.error_data, dict) else ""
    words = " - ".join(dict.fromkeys(w for w in (error.message, str(details)) if w))
    error_class = classify(error.code, reply.status, error.is_transient)
    return Refused(error_class, error.code, (words or f"HTTP {reply.status}")[:LONGEST_REASON])


def subcode(reply: Reply) -> int | None:
    try:
        return msgspec.json.decode(reply.body, type=Graph).error.error_subcode
    except msgspec.MsgspecError:
        return None
