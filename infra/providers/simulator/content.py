"""Checks of the content of a message, one per message type."""

from typing import Any

from infra.providers.simulator.errors import GraphError, invalid, missing

LONGEST_TEXT, LONGEST_CAPTION, LONGEST_EMOJI, MOST_CONTACTS = 4096, 1024, 32, 257
MEDIA_FIELDS: dict[str, frozenset[str]] = {
    "image": frozenset({"id", "link", "caption"}),
    "video": frozenset({"id", "link", "caption"}),
    "audio": frozenset({"id", "link", "voice"}),
    "document": frozenset({"id", "link", "caption", "filename"}),
    "sticker": frozenset({"id", "link"}),
}


def check_text_length(value: str, where: str, most: int) -> None:
    if len(value) > most:
        raise GraphError(100, f"Param {where} must be at most {most} characters long.")


def members(content: object, where: str, known: frozenset[str] | None = None) -> dict[str, Any]:
    """The content as an object, without members the Cloud API would call unexpected."""
    if not isinstance(content, dict):
        raise GraphError(100, f"Param {where} must be a JSON object.")
    if known is not None and not content.keys() <= known:
        raise GraphError(100, f'Unexpected key "{min(content.keys() - known)}" on param "{where}".')
    return content


def words(content: dict[str, Any], key: str, where: str) -> str:
    """A required, non-empty text."""
    value = content.get(key)
    if value is None or value == "":
        raise missing(f"{where}['{key}']")
    if not isinstance(value, str):
        raise GraphError(100, f"Param {where}['{key}'] must be a string.")
    return value


def link(value: str, where: str) -> None:
    if not value.startswith(("http://", "https://")) or len(value.split("://")[1]) < 1:
        raise invalid(f"{where} must be an http or https address, got {value!r}.")


def check_text(content: object) -> None:
    text = members(content, "text", frozenset({"body", "preview_url"}))
    check_text_length(words(text, "body", "text"), "text['body']", LONGEST_TEXT)
    if not isinstance(text.get("preview_url", False), bool):
        raise GraphError(100, "Param text['preview_url'] must be a boolean.")


def check_media(kind: str, content: object) -> None:
    media = members(content, kind, MEDIA_FIELDS[kind])
    if ("id" in media) == ("link" in media):
        raise GraphError(100, f"Param {kind} must have exactly one of 'id' and 'link'.")
    if "link" in media:
        link(words(media, "link", kind), f"{kind}['link']")
    else:
        words(media, "id", kind)
    caption = media.get("caption")
    if caption is not None:
        check_text_length(words(media, "caption", kind), f"{kind}['caption']", LONGEST_CAPTION)


def check_location(content: object) -> None:
    location = members(content, "location", frozenset({"latitude", "longitude", "name", "address"}))
    for key, most in (("latitude", 90), ("longitude", 180)):
        if location.get(key) is None:
            raise missing(f"location['{key}']")
        try:
            within = abs(float(location[key])) <= most
        except (TypeError, ValueError):
            within = False
        if not within:
            raise invalid(
                f"location['{key}'] must be a number from -{most} to {most}, got {location[key]!r}."
            )


def check_contacts(content: object) -> None:
    if not isinstance(content, list) or not content:
        raise missing("contacts[0]")
    if len(content) > MOST_CONTACTS:
        raise invalid(f"contacts must have at most {MOST_CONTACTS} entries, got {len(content)}.")
    for number, contact in enumerate(content):
        where = f"contacts[{number}]"
        name = members(members(contact, where).get("name"), f"{where}['name']")
        words(name, "formatted_name", f"{where}['name']")


def check_reaction(content: object) -> None:
    reaction = members(content, "reaction", frozenset({"message_id", "emoji"}))
    if not words(reaction, "message_id", "reaction").startswith("wamid."):
        raise invalid(f"reaction['message_id'] is no message id: {reaction['message_id']!r}.")
    emoji = reaction.get("emoji")  # an empty one takes the reaction back
    if not isinstance(emoji, str):
        raise missing("reaction['emoji']")
    check_text_length(emoji, "reaction['emoji']", LONGEST_EMOJI)


def check_template(content: object) -> None:
    template = members(
        content, "template", frozenset({"name", "language", "components", "namespace"})
    )
    words(template, "name", "template")
    language = template.get("language")
    if language is None:
        raise missing("template['language']")
    words(members(language, "template['language']"), "code", "template['language']")
    components = template.get("components", [])
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise GraphError(100, "Param template['components'] must be an array of objects.")
