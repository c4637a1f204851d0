"""The body of a send, checked against the limits of the Cloud API and reduced to what counts."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import orjson

from infra.providers.simulator import content as checks
from infra.providers.simulator.errors import GraphError, invalid, missing
from infra.providers.simulator.interactive import check_interactive

PHONE = re.compile(r"\+?[0-9][0-9 ().-]*")
BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
SHORTEST_PHONE, LONGEST_PHONE, LONGEST_CALLBACK = 7, 15, 512

CHECKS: dict[str, Callable[[object], None]] = {
    "text": checks.check_text,
    "template": checks.check_template,
    "interactive": check_interactive,
    "location": checks.check_location,
    "contacts": checks.check_contacts,
    "reaction": checks.check_reaction,
    **{kind: partial(checks.check_media, kind) for kind in checks.MEDIA_FIELDS},
}


class Draft(NamedTuple):
    kind: str
    content: dict[str, Any] | list[Any]
    to: str  # digits, or a business-scoped user id
    recipient_input: str
    callback_data: str | None

    @property
    def voice(self) -> bool:
        return isinstance(self.content, dict) and self.content.get("voice") is True

    @property
    def media_id(self) -> str | None:
        """The upload that is sent, if one is."""
        found = self.content.get("id") if isinstance(self.content, dict) else None
        return None if found is None or self.kind not in checks.MEDIA_FIELDS else str(found)

    def essence(self) -> bytes:
        """What makes two sends the same campaign: the template or the words, not the ids."""
        if self.kind == "template" and isinstance(self.content, dict):
            return f"{self.content['name']}:{self.content['language']['code']}".encode()
        return orjson.dumps(self.content, option=orjson.OPT_SORT_KEYS)


def object_in(raw: bytes) -> dict[str, Any]:
    try:
        payload = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise GraphError(100, f"The request body is not valid JSON: {error}") from None
    if not isinstance(payload, dict):
        raise GraphError(100, "The request body must be a JSON object.")
    return payload


def check_product(payload: dict[str, Any]) -> None:
    product = payload.get("messaging_product")
    if product is None:
        raise GraphError(100, "The parameter messaging_product is required.")
    if not isinstance(product, str) or product.lower() != "whatsapp":
        raise GraphError(
            100, f"Param messaging_product must be one of {{WHATSAPP}} - got {product!r}."
        )


def check_message(payload: dict[str, Any]) -> Draft:
    kind = payload.get("type", "text")
    check = CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise GraphError(
            100, f"Param type must be one of {{{', '.join(sorted(CHECKS))}}} - got {kind!r}."
        )
    recipient_input, to = _recipient(payload)
    content = payload.get(kind)
    if content is None:
        raise missing(kind)
    check(content)
    context = payload.get("context")
    if context is not None:
        _check_context(context)
    callback_data = payload.get("biz_opaque_callback_data")
    if callback_data is not None:
        if not isinstance(callback_data, str):
            raise invalid("biz_opaque_callback_data must be a string.")
        checks.check_text_length(callback_data, "biz_opaque_callback_data", LONGEST_CALLBACK)
    return Draft(kind, content, to, recipient_input, callback_data)


def _recipient(payload: dict[str, Any]) -> tuple[str, str]:
    recipient_type = payload.get("recipient_type", "individual")
    if recipient_type == "group":
        raise GraphError(131041, f"The group {payload.get('to')!r} was not found.")
    if recipient_type != "individual":
        raise GraphError(
            100,
            f"Param recipient_type must be one of {{individual, group}} - got {recipient_type!r}.",
        )
    to = payload.get("to")
    if to is None:
        return _scoped_user(payload.get("recipient"))
    text = str(to) if isinstance(to, int) else to
    if not isinstance(text, str) or not PHONE.fullmatch(text):
        raise invalid(f"to must be a phone number with country code, got {to!r}.")
    digits = text if text.isdigit() else re.sub(r"\D", "", text)
    if not SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE:
        raise invalid(f"to must have {SHORTEST_PHONE} to {LONGEST_PHONE} digits, got {to!r}.")
    return text, digits


def _scoped_user(recipient: object) -> tuple[str, str]:
    if recipient is None:
        raise GraphError(100, "The parameter to is required.")
    if not isinstance(recipient, str) or not BSUID.fullmatch(recipient):
        raise invalid(f"recipient must be a business-scoped user id, got {recipient!r}.")
    return recipient, recipient


def _check_context(context: object) -> None:
    if not isinstance(context, dict) or not isinstance(context.get("message_id"), str):
        raise missing("context['message_id']")
    if not context["message_id"].startswith("wamid."):
        raise invalid(f"context['message_id'] is not a message id: {context['message_id']!r}.")
