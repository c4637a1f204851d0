"""What a reply may hold, kind by kind; the limits are the provider's.

Beside text and link (or file), a content has `details`: `mime_type` and `size` of a file; `latitude`,
`longitude`, `name`, `address`; `contacts`; `message_id` and `emoji`; `buttons`; or `button` and
`sections` of a list. Buttons and lists may have a `header` and a `footer`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.kernel import Rejected
from domain.links import check_link
from domain.media import check_file
from domain.message import Content

TEXT: Final = 4096
CAPTION: Final = 1024
INTERACTIVE_BODY: Final = 1024
FRAME: Final = 60
FILENAME: Final = 240
EMOJI: Final = 32
CONTACTS: Final = 20
BUTTONS, BUTTON_TITLE, BUTTON_ID = 3, 20, 256
SECTIONS, ROWS, LIST_BUTTON, SECTION_TITLE = 10, 10, 20, 24
ROW_TITLE, ROW_DESCRIPTION, ROW_ID = 24, 72, 200
CAPTIONED: Final = frozenset({"image", "video", "document"})


def check_content(content: Content) -> None:
    """Refused with what is wrong and what would be right. A template is checked by its own rules."""
    match content.kind:
        case "template":
            return
        case "text":
            _words("a text", content.text, TEXT)
        case "image" | "video" | "audio" | "document" | "sticker":
            _check_media(content)
        case "location":
            _check_location(content.details)
        case "contacts":
            _check_contacts(content.details.get("contacts", ()))
        case "reaction":
            _words("an emoji", content.details.get("emoji", ""), EMOJI, optional=True)
        case "buttons":
            _check_frame(content)
            _check_buttons(content.details.get("buttons", ()))
        case "list":
            _check_frame(content)
            _check_list(content.details)


def _words(what: str, text: str, most: int, *, optional: bool = False) -> None:
    if optional and not text:
        return
    if not text.strip() or len(text) > most:
        found = f"{len(text)} characters" if text.strip() else "blank"
        raise Rejected(
            "invalid_content",
            f"{what} has 1 to {most} characters and is not blank; this is {found}",
        )


def _check_media(content: Content) -> None:
    if content.file is None:
        check_link(content.link)
        check_file(content.kind, content.details.get("mime_type", ""), content.details.get("size"))
    else:
        check_file(content.kind, content.file.mime_type, content.file.size)
    if content.text and content.kind not in CAPTIONED:
        raise Rejected(
            "invalid_content",
            f"a file sent as {content.kind} has no caption; "
            f"{', '.join(sorted(CAPTIONED))} may have one",
        )
    _words("a caption", content.text, CAPTION, optional=True)
    _words("a file name", content.filename, FILENAME, optional=True)


def _check_location(details: Mapping[str, Any]) -> None:
    for name, most in (("latitude", 90), ("longitude", 180)):
        if not -most <= details[name] <= most:  # NaN is not either
            raise Rejected(
                "invalid_content", f"a {name} is from -{most} to {most}; this is {details[name]}"
            )
    _words("a place's name", details.get("name", ""), CAPTION, optional=True)
    _words("an address", details.get("address", ""), CAPTION, optional=True)


def _check_contacts(contacts: Sequence[Mapping[str, Any]]) -> None:
    _count("contacts", len(contacts), CONTACTS)
    for contact in contacts:
        _words("a contact's name", contact["name"]["formatted_name"], CAPTION)


def _check_frame(content: Content) -> None:
    _words("the text above buttons or a list", content.text, INTERACTIVE_BODY)
    _words("a header", content.details.get("header", ""), FRAME, optional=True)
    _words("a footer", content.details.get("footer", ""), FRAME, optional=True)


def _check_buttons(buttons: Sequence[Mapping[str, Any]]) -> None:
    _count("buttons", len(buttons), BUTTONS)
    for button in buttons:
        _words("a button's title", button["title"], BUTTON_TITLE)
        _words("a button's id", button["id"], BUTTON_ID)
    _distinct("buttons", "title", [button["title"] for button in buttons])
    _distinct("buttons", "id", [button["id"] for button in buttons])


def _check_list(details: Mapping[str, Any]) -> None:
    _words("the button that opens a list", details.get("button", ""), LIST_BUTTON)
    sections = details.get("sections", ())
    _count("sections", len(sections), SECTIONS)
    for section in sections:
        alone = len(sections) == 1
        _words("a section's title", section.get("title", ""), SECTION_TITLE, optional=alone)
        _count("rows in a section", len(section["rows"]), ROWS)
    rows = [row for section in sections for row in section["rows"]]
    _count("rows in a list", len(rows), ROWS)
    for row in rows:
        _words("a row's title", row["title"], ROW_TITLE)
        _words("a row's description", row.get("description", ""), ROW_DESCRIPTION, optional=True)
        _words("a row's id", row["id"], ROW_ID)
    _distinct("rows", "id", [row["id"] for row in rows])


def _count(what: str, found: int, most: int) -> None:
    if not 1 <= found <= most:
        raise Rejected("invalid_content", f"there are 1 to {most} {what}; these are {found}")


def _distinct(what: str, name: str, values: Sequence[str]) -> None:
    if len(set(values)) < len(values):
        raise Rejected(
            "invalid_content",
            f"the {what} of one message differ in {name}; these are {', '.join(values)}",
        )
