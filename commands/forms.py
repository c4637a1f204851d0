"""The forms of what the provider names: each is refused in words, not with its pattern."""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from commands.texts import matching, text

REFUSED: Final = "string_pattern_mismatch"
_ID: Final = "^[0-9]{1,32}$"
_SESSION: Final = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"
_NUMBER: Final = r"^[+]?[0-9 ()\-]{5,32}$"
_TEMPLATE: Final = "^[a-z0-9_]{1,512}$"
_LANGUAGE: Final = "^[a-z]{2,3}(_[A-Z]{2})?$"
_VARIABLE: Final = "^[A-Za-z0-9_]{1,64}$"


def whole(value: Any) -> Any:
    """JSON knows 80.0 as an integer, but neither "80" nor true."""
    if isinstance(value, (str, bool)):
        raise PydanticCustomError("int_type", "must be a whole number")
    return value


ProviderId = Annotated[
    str, text(32, _ID, least=1), AfterValidator(matching(REFUSED, _ID, "must be 1 to 32 digits"))
]
DisplayNumber = Annotated[
    str,
    text(33, _NUMBER, least=5),
    AfterValidator(
        matching(
            REFUSED,
            _NUMBER,
            "must be a phone number as it is shown, like +62 812 345-678: at least 5 digits, "
            "spaces, hyphens and brackets",
        )
    ),
]
SessionName = Annotated[
    str,
    text(64, _SESSION, least=1),
    AfterValidator(
        matching(
            REFUSED,
            _SESSION,
            "must be the name of a WAHA session: a letter, then letters, digits, - and _",
        )
    ),
]
TemplateName = Annotated[
    str,
    text(512, _TEMPLATE, least=1),
    AfterValidator(
        matching(REFUSED, _TEMPLATE, "must be small letters a to z, digits and underscores")
    ),
]
TemplateLanguage = Annotated[
    str,
    text(6, _LANGUAGE, least=2),
    AfterValidator(matching(REFUSED, _LANGUAGE, "must be a language code like id or pt_BR")),
]
VariableName = Annotated[
    str,
    text(64, _VARIABLE, least=1),
    AfterValidator(matching(REFUSED, _VARIABLE, "must be letters a to z, digits and underscores")),
]
Rate = Annotated[int, Field(ge=1, le=1000), BeforeValidator(whole)]
Pace = Annotated[int, Field(ge=1_000, le=600_000), BeforeValidator(whole)]
"""Milliseconds between two messages of a WAHA number."""
PerDay = Annotated[int, Field(ge=1, le=5_000), BeforeValidator(whole)]
"""Messages of campaigns that a WAHA number may send in a day."""
