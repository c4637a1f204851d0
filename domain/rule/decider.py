"""The rules of a rule: absent -> disabled <-> enabled -> deleted; a deleted one's name is free."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypedDict, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel import Decider
from domain.refusals import exists, not_found
from domain.rule.checks import checked
from domain.rule.commands import (
    ChangeRule,
    CreateRule,
    DeleteRule,
    DisableRule,
    EnableRule,
    RuleCommand,
)
from domain.rule.events import (
    Definition,
    RuleDeleted,
    RuleDisabled,
    RuleEnabled,
    RuleEvent,
    RuleSaved,
)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with a definition has been there; deleted, it keeps the last one."""

    status: Literal["absent", "disabled", "enabled", "deleted"] = "absent"
    definition: Definition | None = None

    @property
    def present(self) -> bool:
        return self.status in {"disabled", "enabled"}


def evolve(rule: Rule, event: RuleEvent) -> Rule:
    """The rule after that fact."""
    match event:
        case RuleSaved():
            status = rule.status if rule.present else "disabled"
            return Rule(status=status, definition=event.definition)
        case RuleEnabled():
            return replace(rule, status="enabled")
        case RuleDisabled():
            return replace(rule, status="disabled")
        case RuleDeleted():
            return replace(rule, status="deleted")
        case _:
            assert_never(event)


def decide(rule: Rule, command: RuleCommand, now: datetime) -> Sequence[RuleEvent]:
    """What follows from the request; what is so already changes nothing."""
    del now  # no rule of a rule depends on the time
    ids = _ids(command)
    match command:
        case CreateRule():
            return _create(rule, command)
        case _ if rule.status == "absent":
            raise not_found("rule", command.rule_id)
        case DeleteRule():
            return [RuleDeleted(**ids)] if rule.present else []
        case _ if not rule.present:
            raise not_found("rule", command.rule_id)
        case ChangeRule():
            definition = checked(command.definition)
            if definition == rule.definition:
                return []
            return [RuleSaved(**ids, definition=definition, before=rule.definition)]
        case EnableRule():
            return [] if rule.status == "enabled" else [RuleEnabled(**ids)]
        case DisableRule():
            return [] if rule.status == "disabled" else [RuleDisabled(**ids)]
        case _:
            assert_never(command)


def _create(rule: Rule, command: CreateRule) -> Sequence[RuleEvent]:
    definition = checked(command.definition)
    if rule.present:
        if definition != rule.definition:
            raise exists("rule", command.rule_id, "change it, or take another name")
        return []
    return [RuleSaved(**_ids(command), definition=definition)]


class Ids(TypedDict):
    workspace_id: UUID
    rule_id: UUID


def _ids(command: RuleCommand) -> Ids:
    return Ids(workspace_id=command.workspace_id, rule_id=command.rule_id)


rule: Decider[Rule, RuleCommand, RuleEvent] = Decider("rule", Rule(), decide, evolve)
