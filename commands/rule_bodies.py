"""The bodies of rules: trigger, conditions, actions."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from commands.bodies import Body, Variables, without_defaults
from commands.conversation_bodies import Words
from commands.forms import whole
from commands.texts import AccountId, Link, Name, ReplyId, TeamId, TemplateId, UserId, text, tidy
from domain.rule.events import TriggerKind

Value = Annotated[str, text(256, least=1), AfterValidator(tidy)]
Tongue = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$", max_length=35)]
Priority = Annotated[int, Field(ge=1, le=1000), BeforeValidator(whole)]
CoolDown = Annotated[int, Field(ge=0, le=604_800), BeforeValidator(whole)]


class TriggerBody(Body):
    """Words for exact and contains, one pattern (RE2) for regex, payloads for button."""

    kind: TriggerKind
    values: Annotated[tuple[Value, ...], Field(max_length=50)] = ()


class ConditionsBody(Body):
    """All that are given have to hold; of each list one is enough."""

    accounts: Annotated[tuple[AccountId, ...], Field(max_length=50)] = ()
    labels: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    opted_out: bool | None = None
    languages: Annotated[tuple[Tongue, ...], Field(max_length=50)] = ()


class AnswerBody(Body):
    """A text, a template with its variables, or a canned reply."""

    text: Words | Literal[""] = ""
    template_id: TemplateId | None = None
    variables: Variables = Field(default_factory=dict)
    header_link: Link | None = None
    reply_id: ReplyId | None = None


class ActionsBody(Body):
    answer: AnswerBody | None = None
    labels: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    user_id: UserId | None = None
    team_id: TeamId | None = None
    opt_out: bool = False


class NewRule(Body):
    """Of several rules that match, the one with the lowest `priority` acts, alone."""

    name: Name
    trigger: TriggerBody
    conditions: ConditionsBody = ConditionsBody()
    actions: ActionsBody
    priority: Priority = 100
    cool_down_s: CoolDown = 3600


class RulePatch(Body):
    """A JSON merge patch; trigger, conditions and actions are given whole."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    name: Name = ""
    trigger: TriggerBody = None  # type: ignore[assignment]
    conditions: ConditionsBody = ConditionsBody()
    actions: ActionsBody = None  # type: ignore[assignment]
    priority: Priority = 100
    cool_down_s: CoolDown = 3600
