"""The kinds of text a request may hold: what is refused, what is tidied, and how each is described.

Every text is NFC-normalised and free of control characters; codes are part of the API.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from commands.phones import countries
from domain.ids import PREFIXES, parse

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LINES: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NOT: Final = r"\u0000-\u001f\u007f-\u009f"
PLAIN: Final = f"^[^{_NOT}]*$"
LINES: Final = r"^([^\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\r\n)*$"
_NOT_BLANK: Final = rf"^[^{_NOT}]*[^\s{_NOT}][^{_NOT}]*$"
_NOT_BLANK_NOR_BRACES: Final = _NOT_BLANK.replace(_NOT, _NOT + "{}")
EMAIL: Final = r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$"
_LANGUAGE: Final = r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,3}$"
_LINK: Final = r"^https?://[^\s/?#]+[^\s]*$"
_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_YEARS: Final = range(2000, 2100)
NAME_LENGTH: Final = 128


def tidy(text: str) -> str:
    """NFC, and not a control character in it."""
    return _tidy(text, _CONTROL)


def tidy_lines(text: str) -> str:
    """As `tidy`, but line breaks and tabs may stay."""
    return _tidy(text.replace("\r\n", "\n"), _CONTROL_BUT_LINES)


def _tidy(text: str, refused: re.Pattern[str]) -> str:
    if found := refused.search(text):
        raise PydanticCustomError(
            "control_character",
            "must not hold control characters; character {number} is U+{code}",
            {"number": found.start() + 1, "code": f"{ord(found[0]):04X}"},
        )
    return unicodedata.normalize("NFC", text)


def _name(text: str) -> str:
    name = tidy(text).strip()
    if not name:
        raise PydanticCustomError("blank", "must not be blank")
    return name


def matching(code: str, pattern: str, words: str) -> Callable[[str], str]:
    compiled = re.compile(pattern.removesuffix("$") + r"\Z")

    def check(text: str) -> str:
        if text and not compiled.match(text):
            raise PydanticCustomError(code, words)
        return tidy(text)

    return check


def _time_zone(text: str) -> str:
    if text and text not in available_timezones():
        raise PydanticCustomError(
            "time_zone_unknown", "must be an IANA time zone name like Asia/Jakarta"
        )
    return text


def _country(text: str) -> str:
    if text not in countries():
        raise PydanticCustomError(
            "country_unknown", "must be a country's two capital letters (ISO 3166), like ID"
        )
    return text


def _link(text: str) -> str:
    wrong = PydanticCustomError("link_invalid", "must be an http or https address with a host")
    if not re.match(_LINK, text):
        raise wrong
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if not host or parts.username is not None:
        raise wrong
    return tidy(text)


def _instant(value: Any) -> datetime:
    wrong = PydanticCustomError(
        "instant_invalid",
        "must be an instant with its offset from UTC (RFC 3339), like 2030-01-31T09:00:00+07:00",
    )
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise wrong
    try:
        found = datetime.fromisoformat(value.upper())
    except ValueError:
        raise wrong from None
    if found.year not in _YEARS:
        years = {"first": _YEARS.start, "last": _YEARS.stop - 1}
        words = "must be in the years {first} to {last}"
        raise PydanticCustomError("instant_invalid", words, years)
    return found.astimezone(UTC)


def _id(kind: str) -> Any:
    def read(value: Any) -> UUID:
        try:
            return parse(kind, value)
        except (ValueError, AttributeError):
            raise PydanticCustomError(
                "id_invalid",
                "must be a {kind} id: {prefix}_ and 32 lower-case hexadecimal digits",
                {"kind": kind, "prefix": PREFIXES[kind]},
            ) from None

    schema = {"type": "string", "pattern": f"^{PREFIXES[kind]}_[0-9a-f]{{32}}$"}
    return Annotated[UUID, PlainValidator(read), WithJsonSchema(schema)]


def text(longest: int, pattern: str = PLAIN, *, least: int = 0) -> Any:
    """The bounds of a text. The pattern is for the reader: a validator says it in words."""
    return Field(min_length=least, max_length=longest, json_schema_extra={"pattern": pattern})


def named(most: int) -> Any:
    """The bounds of an object whose names have a form."""
    return Field(max_length=most, json_schema_extra={"additionalProperties": False})


def shown(pattern: str) -> str:
    """To a reader's engine, a control character may be no space."""
    return pattern.replace(r"\s", rf"\s{_NOT}")


def _or_empty(pattern: str) -> str:
    return f"^$|{shown(pattern)}"


AccountId = _id("account")
ContactId = _id("contact")
GroupId = _id("group")
WorkspaceId = _id("workspace")
NotificationId = _id("notification")
TemplateId = _id("template")
UserId = _id("user")
TeamId = _id("team")
ReplyId = _id("reply")
MessageId = _id("message")
FileId = _id("file")

Name = Annotated[str, text(NAME_LENGTH, _NOT_BLANK, least=1), AfterValidator(_name)]
OptionalName = Annotated[str, text(NAME_LENGTH), AfterValidator(lambda text: tidy(text).strip())]
Reason = Annotated[str, text(500), AfterValidator(tidy)]
Email = Annotated[
    str,
    text(254, _or_empty(EMAIL)),
    AfterValidator(matching("email_invalid", EMAIL, "must be like name@host.example")),
]
Language = Annotated[
    str,
    text(35, _or_empty(_LANGUAGE)),
    AfterValidator(matching("language_invalid", _LANGUAGE, "must be a tag like id or pt_BR")),
]
TimeZone = Annotated[str, text(64), AfterValidator(_time_zone)]
Country = Annotated[str, text(2, "^[A-Z]{2}$", least=2), AfterValidator(_country)]
Link = Annotated[str, text(2048, shown(_LINK), least=8), AfterValidator(_link)]
Instant = Annotated[
    datetime,
    PlainValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": "^20[0-9]{2}-"}),
]
AttributeName = Annotated[
    str,
    text(64, _NOT_BLANK_NOR_BRACES, least=1),
    AfterValidator(
        matching(
            "attribute_name_invalid", r"^[^{}]*[^{}\s][^{}]*$", "must not be blank or hold braces"
        )
    ),
]
Paragraphs = Annotated[str, text(1024, LINES), AfterValidator(tidy_lines)]
