"""Request bodies of the Cloud API: messages, and templates handed in for review."""

from collections.abc import Sequence
from typing import Any, Final

from commands.policies.ports import Attachment, Heard, Outbound, Submission
from domain import ids
from domain.message import Content, Parameter
from domain.template import placeholders

MEDIA: Final = frozenset({"image", "video", "audio", "document", "sticker"})
CAPTIONED: Final = frozenset({"image", "video", "document"})


def message(outbound: Outbound) -> dict[str, Any]:
    """The body of a send. Our id rides along and comes back with every status."""
    kind, value = _content(outbound.content, outbound.file)
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        # A person whose number is not known is addressed by the provider's id of them.
        "to" if outbound.to.removeprefix("+").isdigit() else "recipient": outbound.to,
        "type": kind,
        kind: value,
        "biz_opaque_callback_data": ids.show("message", outbound.message_id),
    }
    if outbound.content.answers:
        body["context"] = {"message_id": outbound.content.answers}
    return body


def _content(content: Content, file: Attachment | None) -> tuple[str, Any]:
    """The provider's name of the kind, and what stands under it."""
    kind, details = content.kind, content.details
    if kind in MEDIA:
        where = {"link": content.link} if file is None else {"id": file.media_id}
        return kind, _media(kind, where, content.filename, content.text)
    match kind:
        case "text":
            return kind, {"body": content.text, "preview_url": False}
        case "template":
            return kind, _template(content)
        case "contacts":
            return kind, details["contacts"]
        case "buttons":
            replies = [{"type": "reply", "reply": button} for button in details["buttons"]]
            return "interactive", _interactive("button", content, {"buttons": replies})
        case "list":
            action = {name: details[name] for name in ("button", "sections")}
            return "interactive", _interactive("list", content, action)
        case _:  # a location or a reaction is what it is
            return kind, dict(details)


def _interactive(kind: str, content: Content, action: dict[str, Any]) -> dict[str, Any]:
    interactive: dict[str, Any] = {"type": kind, "body": {"text": content.text}, "action": action}
    if header := content.details.get("header"):
        interactive["header"] = {"type": "text", "text": header}
    if footer := content.details.get("footer"):
        interactive["footer"] = {"text": footer}
    return interactive


def _media(kind: str, where: dict[str, str], filename: str, caption: str = "") -> dict[str, str]:
    media = dict(where)
    if kind == "document" and filename:
        media["filename"] = filename
    if kind in CAPTIONED and caption:
        media["caption"] = caption
    return media


def _template(content: Content) -> dict[str, Any]:
    components: list[dict[str, Any]] = []
    if content.header_kind in MEDIA:
        kind = content.header_kind
        where = {"link": content.link}
        media = {"type": kind, kind: _media(kind, where, content.filename)}
        components.append({"type": "header", "parameters": [media]})
    elif content.header:
        components.append({"type": "header", "parameters": _parameters(content.header)})
    if content.body:
        components.append({"type": "body", "parameters": _parameters(content.body)})
    return {
        "name": content.template,
        "language": {"code": content.language},
        "components": components,
    }


def _parameters(parameters: Sequence[Parameter]) -> list[dict[str, str]]:
    return [
        {"type": "text", "text": p.text} | ({"parameter_name": p.name} if p.name else {})
        for p in parameters
    ]


def read_mark(heard: Heard) -> dict[str, Any]:
    """The body that says that a customer's message was read."""
    return {"messaging_product": "whatsapp", "status": "read", "message_id": heard.provider_id}


def submission(template: Submission) -> dict[str, Any]:
    """The body that creates a template. Variables need an example: their own name serves."""
    named = any(
        not name.isdigit()
        for name in (*placeholders(template.header), *placeholders(template.body))
    )
    components: list[dict[str, Any]] = []
    if template.header_kind:
        components.append(_header(template, named))
    body: dict[str, Any] = {"type": "BODY", "text": template.body}
    if names := placeholders(template.body):
        body["example"] = (
            {"body_text_named_params": [{"param_name": n, "example": n} for n in names]}
            if named
            else {"body_text": [[f"text {name}" for name in names]]}
        )
    components.append(body)
    if template.footer:
        components.append({"type": "FOOTER", "text": template.footer})
    if template.buttons:
        buttons = [{"type": "QUICK_REPLY", "text": text} for text in template.buttons]
        components.append({"type": "BUTTONS", "buttons": buttons})
    return {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "parameter_format": "NAMED" if named else "POSITIONAL",
        "components": components,
    }


def _header(template: Submission, named: bool) -> dict[str, Any]:
    header: dict[str, Any] = {"type": "HEADER", "format": template.header_kind.upper()}
    if template.header_kind != "text":
        return header
    header["text"] = template.header
    if names := placeholders(template.header):
        header["example"] = (
            {"header_text_named_params": [{"param_name": n, "example": n} for n in names]}
            if named
            else {"header_text": [f"text {name}" for name in names]}
        )
    return header
