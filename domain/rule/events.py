"""What can become of a rule, and what a rule says."""

from typing import Literal
from uuid import UUID

import msgspec

from domain.kernel import Event

TriggerKind = Literal["exact", "contains", "regex", "first_message", "away", "button"]


class Trigger(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of a message sets the rule off.

    `values` are words for exact and contains, one pattern for regex, payloads for button; a first
    message and a message outside working hours need none.
    """

    kind: TriggerKind
    values: tuple[str, ...] = ()


class Conditions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What has to be so besides; an empty one asks nothing. Labels: one of them is enough."""

    accounts: tuple[UUID, ...] = ()
    labels: tuple[str, ...] = ()
    opted_out: bool | None = None
    """Whether the contact has opted out of campaigns."""
    languages: tuple[str, ...] = ()
    """`pt` means every kind of Portuguese, `pt-BR` that one."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the three: a text, a template with its variables, or a canned reply."""

    text: str = ""
    template_id: UUID | None = None
    variables: dict[str, str] = {}
    header_link: str = ""
    reply_id: UUID | None = None


class Actions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    answer: Answer | None = None
    labels: tuple[str, ...] = ()
    user_id: UUID | None = None
    team_id: UUID | None = None
    opt_out: bool = False


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All a rule says. Of several that match, the one with the lowest `priority` acts, alone.

    `cool_down_s`: for so long after its answer it does not act in the same conversation again.
    """

    name: str
    trigger: Trigger
    actions: Actions
    conditions: Conditions = Conditions()
    priority: int = 100
    cool_down_s: int = 3600


class RuleSaved(Event):
    """New and disabled, or changed; `before` is what it was."""

    rule_id: UUID
    definition: Definition
    before: Definition | None = None


class RuleEnabled(Event):
    rule_id: UUID


class RuleDisabled(Event):
    rule_id: UUID


class RuleDeleted(Event):
    rule_id: UUID


RuleEvent = RuleSaved | RuleEnabled | RuleDisabled | RuleDeleted
