"""A campaign's template filled in for one contact.

`{first_name}` and the like inside a plan's variables are the contact's own; what a contact lacks
is never sent as an empty text, because the provider refuses the whole message for it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from domain.message import Content, Parameter
from domain.template import fill, placeholders

FIELD: Final = re.compile(r"\{([^{}]+)\}")
REFUSED_SPACE: Final = re.compile(r"[\r\n\t]+| {5,}")
"""The provider refuses parameters with line breaks, tabs or more than four spaces in a row."""
MEDIA: Final = frozenset({"image", "video", "document"})


class Shape(NamedTuple):
    """What of a template its messages are made of."""

    name: str
    language: str
    body: str
    header_kind: str
    header: str


class MissingVariable(Exception):
    """The contact has nothing to put there."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def render(
    shape: Shape, variables: Mapping[str, str], header_link: str, fields: Mapping[str, str]
) -> Content:
    """The message for the contact with those fields. MissingVariable names what it lacks."""
    header = shape.header if shape.header_kind == "text" else ""
    in_header, in_body = placeholders(header), placeholders(shape.body)
    values = {
        name: text_for(name, variables.get(name, ""), fields) for name in (*in_header, *in_body)
    }
    return Content(
        kind="template",
        text=fill(shape.body, values),
        template=shape.name,
        language=shape.language,
        header=_parameters(in_header, values),
        body=_parameters(in_body, values),
        header_kind=shape.header_kind,
        link=header_link if shape.header_kind in MEDIA else "",
    )


def text_for(name: str, text: str, fields: Mapping[str, str]) -> str:
    """The text with the contact's fields in place of their names."""

    def field(match: re.Match[str]) -> str:
        value = fields.get(match[1].strip(), "").strip()
        if not value:
            raise MissingVariable(match[1].strip())
        return value

    filled = REFUSED_SPACE.sub(" ", FIELD.sub(field, text)).strip()
    if not filled:
        raise MissingVariable(name)
    return filled


def _parameters(names: Sequence[str], values: Mapping[str, str]) -> tuple[Parameter, ...]:
    return tuple(Parameter(values[name], "" if name.isdigit() else name) for name in names)
