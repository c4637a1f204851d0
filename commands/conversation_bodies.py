"""The bodies of what a team asks of a conversation, of teams and of canned replies."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from commands.bodies import Body, without_defaults
from commands.forms import whole
from commands.texts import LINES, Instant, Name, TeamId, UserId, matching, text, tidy_lines

Words = Annotated[str, text(4096, LINES, least=1), AfterValidator(tidy_lines)]
_CODE = r"^[\w-]{1,64}$"
ShortCode = Annotated[
    str,
    text(64, _CODE, least=1),
    AfterValidator(matching("short_code_invalid", _CODE, "must be letters, digits, _ and -")),
]
Capacity = Annotated[int, Field(ge=1, le=1000), BeforeValidator(whole)]


class Assignment(Body):
    """Both null: it is nobody's. Only a team: it is the team's, and of whoever takes it."""

    user_id: UserId | None = None
    team_id: TeamId | None = None


class ConversationPatch(Body):
    """A JSON merge patch: `labels` are all it shall have."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    priority: Literal["none", "low", "medium", "high", "urgent"] = "none"
    labels: Annotated[tuple[Name, ...], Field(max_length=50)] = ()


class Snooze(Body):
    until: Instant


class Pause(Body):
    """Without `until`: for a day."""

    until: Instant | None = None


class Seen(Body):
    """How many of the customer's messages; all there are if it is not given.

    A key says which user has read them; a user has read for nobody else.
    """

    seen: Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(whole)] | None = None
    user_id: UserId | None = None


class NewNote(Body):
    text: Words


class NewTeam(Body):
    name: Name
    members: Annotated[tuple[UserId, ...], Field(max_length=500)] = ()
    capacity: Capacity = 20
    assignment: Literal["manual", "round_robin"] = "manual"


class TeamPatch(Body):
    model_config = ConfigDict(json_schema_extra=without_defaults)

    name: Name = ""
    members: Annotated[tuple[UserId, ...], Field(max_length=500)] = ()
    capacity: Capacity = 20
    assignment: Literal["manual", "round_robin"] = "manual"


class NewCannedReply(Body):
    short_code: ShortCode
    text: Words


class CannedReplyPatch(Body):
    text: Words


class Span(Body):
    """Of a day of the week, Monday being 0: from a minute of it up to a later one."""

    day: Annotated[int, Field(ge=0, le=6), BeforeValidator(whole)]
    start_minute: Annotated[int, Field(ge=0, le=1439), BeforeValidator(whole)]
    end_minute: Annotated[int, Field(ge=1, le=1440), BeforeValidator(whole)]


class WorkingHours(Body):
    """None: people answer at any time."""

    spans: Annotated[tuple[Span, ...], Field(max_length=100)]
