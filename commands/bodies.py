"""The bodies of requests. Unknown fields are refused, and all errors of a body are told at once."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from commands.forms import (
    TemplateLanguage,
    TemplateName,
    VariableName,
)
from commands.phones import LONGEST, PhoneRefused, normalise
from commands.texts import (
    LINES,
    AccountId,
    AttributeName,
    ContactId,
    Country,
    Email,
    GroupId,
    Instant,
    Language,
    Link,
    Name,
    OptionalName,
    Paragraphs,
    Reason,
    TemplateId,
    TimeZone,
    named,
    text,
    tidy,
    tidy_lines,
)

Phone = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Attributes = Annotated[dict[AttributeName, Paragraphs], named(50)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def without_defaults(schema: dict[str, Any]) -> None:
    """In a patch, a field that is not given stays as it is: there is no default."""
    for described in schema["properties"].values():
        described.pop("default", None)


class Empty(Body):
    """Nothing to say; `{}` or no body at all."""


class Reasoned(Body):
    reason: Reason = ""


def phone_in(text: str, country: str) -> str:
    """E.164, or the refusal in pydantic's terms."""
    try:
        return normalise(text, country)
    except PhoneRefused as refused:
        # Braces in the text would be read as a template.
        words = str(refused).replace("{", "(").replace("}", ")")
        raise PydanticCustomError(refused.code, words) from None


class Person(Body):
    """What is known of a contact beside its number."""

    first_name: OptionalName = ""
    last_name: OptionalName = ""
    email: Email = ""
    language: Language = ""
    time_zone: TimeZone = ""
    attributes: Attributes = {}


class Phoned(Body):
    """`country` is what a national number is read as; the workspace's own if it is not given."""

    country: Country | None = None

    @field_validator("phone", check_fields=False)
    @classmethod
    def _e164(cls, text: str, info: ValidationInfo) -> str:
        return phone_in(text, info.data.get("country") or (info.context or {})["country"])


class NewContact(Person, Phoned):
    phone: Phone


class ContactPatch(Phoned):
    """A JSON merge patch: what is given replaces, null clears, the rest stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    phone: Phone = ""
    first_name: OptionalName | None = None
    last_name: OptionalName | None = None
    email: Email | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None
    attributes: Annotated[dict[AttributeName, Paragraphs | None], named(100)] | None = None


class NewGroup(Body):
    name: Name


Line = Annotated[str, text(60), AfterValidator(tidy)]
Button = Annotated[str, text(25, least=1), AfterValidator(tidy)]


class NewTemplate(Body):
    account_id: AccountId
    name: TemplateName
    language: TemplateLanguage
    category: Literal["MARKETING", "UTILITY", "AUTHENTICATION"]
    body: Annotated[str, text(1024, LINES, least=1), AfterValidator(tidy_lines)]
    header_kind: Literal["", "text", "image", "video", "document"] = ""
    header: Line = ""
    footer: Line = ""
    buttons: Annotated[tuple[Button, ...], Field(max_length=10)] = ()


class AudienceBody(Body):
    """Everybody, the members of any of `groups`, or the listed `contacts`."""

    kind: Literal["all", "groups", "contacts"]
    groups: Annotated[tuple[GroupId, ...], Field(max_length=100)] = ()
    contacts: Annotated[tuple[ContactId, ...], Field(max_length=5000)] = ()

    @model_validator(mode="after")
    def _clear(self) -> "AudienceBody":
        for kind in ("groups", "contacts"):
            listed = getattr(self, kind)
            if bool(listed) != (self.kind == kind):
                raise PydanticCustomError(
                    "audience_unclear",
                    "an audience of kind {kind} needs {kind} and no others; kind all needs none",
                    {"kind": kind},
                )
            if len(set(listed)) != len(listed):
                raise PydanticCustomError(
                    "repeated", "{kind} names the same one twice", {"kind": kind}
                )
        return self


Variables = Annotated[dict[VariableName, Paragraphs], named(100)]


class NewCampaign(Body):
    name: Name
    account_id: AccountId
    template_id: TemplateId
    audience: AudienceBody
    variables: Variables = {}
    header_link: Link | None = None


class CampaignPatch(Body):
    """A JSON merge patch; null clears `variables` and `header_link`."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    name: Name = ""
    account_id: AccountId = None
    template_id: TemplateId = None
    audience: AudienceBody = None  # type: ignore[assignment]
    variables: Annotated[dict[VariableName, Paragraphs | None], named(100)] | None = None
    header_link: Link | None = None


class Schedule(Body):
    at: Instant
