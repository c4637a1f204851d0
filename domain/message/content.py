"""What a message holds, of whatever kind."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from domain.kernel import PersonalText, personal


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One filled-in template variable; `name` is empty for a positional one."""

    text: PersonalText
    name: str = ""


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is kept here and goes along: where its bytes are, and what they are."""

    file_id: UUID
    sha256: str
    size: int
    mime_type: str


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent. A template has name, language and parameters; media has a link, or a file."""

    kind: Literal[
        "template", "text", "image", "video", "audio", "document", "sticker", "location",
        "contacts", "reaction", "buttons", "list",
    ]  # fmt: skip
    text: PersonalText = ""
    """The text, or the caption of media, or a template's body as the reader sees it."""
    template: str = ""
    language: str = ""
    header: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] = ()
    header_kind: str = ""
    link: PersonalText = ""
    file: Attached | None = None
    filename: PersonalText = ""
    details: Annotated[dict[str, Any], personal] = {}
    """What the other kinds hold, as `domain.replies` checks it: a location, buttons, a reaction."""
    answers: str = ""
    """The provider's id of the message this one quotes."""
