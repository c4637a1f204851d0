"""The body of a reply: which fields belong to which kind, and the form of each."""

from collections.abc import Collection, Mapping
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from commands.bodies import Body, Line, Variables
from commands.forms import whole
from commands.texts import (
    LINES,
    AccountId,
    ContactId,
    FileId,
    Link,
    MessageId,
    TemplateId,
    text,
    tidy,
    tidy_lines,
)

Kind = Literal[
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
    "buttons",
    "list",
    "template",
]

Degrees = Annotated[float, Field(ge=-180, le=180, strict=True)]
Label = Annotated[str, text(1024, least=1), AfterValidator(tidy)]
Words = Annotated[str, text(1024), AfterValidator(tidy)]
Short = Annotated[str, text(72), AfterValidator(tidy)]
Title = Annotated[str, text(24, least=1), AfterValidator(tidy)]
Identity = Annotated[str, text(256, least=1), AfterValidator(tidy)]


Message = Annotated[str, text(4096, LINES), AfterValidator(tidy_lines)]
Filename = Annotated[str, text(240), AfterValidator(tidy)]
MimeType = Annotated[str, text(127), AfterValidator(tidy)]
Emoji = Annotated[str, text(32), AfterValidator(tidy)]
ListButton = Annotated[str, text(20), AfterValidator(tidy)]


class Place(Body):
    latitude: Annotated[float, Field(ge=-90, le=90, strict=True)]
    longitude: Degrees
    name: Words = ""
    address: Words = ""


class CardName(Body):
    formatted_name: Label
    first_name: Words = ""
    last_name: Words = ""


class CardPhone(Body):
    phone: Annotated[str, text(64, least=1), AfterValidator(tidy)]
    type: Short = "CELL"


class CardEmail(Body):
    email: Annotated[str, text(254, least=3), AfterValidator(tidy)]
    type: Short = "WORK"


class Card(Body):
    name: CardName
    phones: Annotated[tuple[CardPhone, ...], Field(max_length=20)] = ()
    emails: Annotated[tuple[CardEmail, ...], Field(max_length=20)] = ()


class ReplyButton(Body):
    id: Identity
    title: Annotated[str, text(20, least=1), AfterValidator(tidy)]


class ListRow(Body):
    id: Annotated[str, text(200, least=1), AfterValidator(tidy)]
    title: Title
    description: Short = ""


class ListSection(Body):
    title: Annotated[str, text(24), AfterValidator(tidy)] = ""
    rows: Annotated[tuple[ListRow, ...], Field(min_length=1, max_length=10)]


class Fields(NamedTuple):
    """What a kind needs, what it may have besides, and of which it has exactly one."""

    needed: frozenset[str]
    allowed: frozenset[str] = frozenset()
    either: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        return self.needed | self.allowed | self.either


_NOTHING: Final = frozenset[str]()
_LINKED: Final = frozenset({"mime_type", "size"})
"""What is said of a file behind a link; of one that is kept here, it is known."""
_OWN: Final = frozenset({"file_id"})
_WHERE: Final = _OWN | {"link"}
_FRAME: Final = frozenset({"header", "footer"})
FIELDS: Final[Mapping[Kind, Fields]] = {
    "text": Fields(frozenset({"text"})),
    "image": Fields(_NOTHING, _LINKED | {"text"}, _WHERE),
    "video": Fields(_NOTHING, _LINKED | {"text"}, _WHERE),
    "audio": Fields(_NOTHING, _LINKED, _WHERE),
    "document": Fields(_NOTHING, _LINKED | {"text", "filename"}, _WHERE),
    "sticker": Fields(_NOTHING, _LINKED, _WHERE),
    "location": Fields(frozenset({"location"})),
    "contacts": Fields(frozenset({"contacts"})),
    "reaction": Fields(frozenset({"answers", "emoji"})),
    "buttons": Fields(frozenset({"text", "buttons"}), _FRAME),
    "list": Fields(frozenset({"text", "button", "sections"}), _FRAME),
    "template": Fields(frozenset({"template_id"}), frozenset({"variables", "header_link"})),
}


class NewReply(Body):
    """`answers` is the message that is quoted, or reacted to; `text` is the caption of a file,
    which is at `link`, or was uploaded before: `file_id`. Numbers of WAHA take no `link`.
    """

    kind: Kind = "text"
    text: Message = ""
    answers: MessageId | None = None
    link: Link | None = None
    file_id: FileId | None = None
    filename: Filename = ""
    mime_type: MimeType = ""
    size: Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(whole)] | None = None
    location: Place | None = None
    contacts: Annotated[tuple[Card, ...], Field(max_length=20)] = ()
    emoji: Emoji = ""
    buttons: Annotated[tuple[ReplyButton, ...], Field(max_length=3)] = ()
    button: ListButton = ""
    sections: Annotated[tuple[ListSection, ...], Field(max_length=10)] = ()
    header: Line = ""
    footer: Line = ""
    template_id: TemplateId | None = None
    variables: Variables = Field(default_factory=dict)
    header_link: Link | None = None

    @model_validator(mode="after")
    def _clear(self) -> "NewReply":
        fields = FIELDS[self.kind]
        given = set(self.model_fields_set) - {"kind", "answers"}
        if foreign := given - fields.all:
            raise self._unclear("has no {some}; it has {fields}", foreign, fields.all)
        if missing := fields.needed - self.model_fields_set:
            raise self._unclear("needs {some}", missing)
        if fields.either and len(found := given & fields.either) != 1:
            raise self._unclear(
                "has exactly one of {some}; this has {fields}", fields.either, found
            )
        if "file_id" in given and (said := given & _LINKED):
            raise self._unclear("says {some} of a link only; of {fields} it is known", said, _OWN)
        return self

    def _unclear(self, words: str, *some: Collection[str]) -> PydanticCustomError:
        names = [", ".join(sorted(names)) or "none" for names in some]
        context = {"kind": self.kind, **dict(zip(("some", "fields"), names, strict=False))}
        return PydanticCustomError("kind_unclear", f"a reply of kind {{kind}} {words}", context)


class NewConversation(Body):
    """A conversation begins with a template, which the customer may answer."""

    contact_id: ContactId
    account_id: AccountId
    template_id: TemplateId
    variables: Variables = Field(default_factory=dict)
    header_link: Link | None = None
