"""What may be asked of a rule."""

from uuid import UUID

from domain.kernel import Command
from domain.rule.events import Definition


class RuleRequest(Command):
    rule_id: UUID


class CreateRule(RuleRequest):
    definition: Definition


class ChangeRule(RuleRequest):
    definition: Definition


class EnableRule(RuleRequest):
    pass


class DisableRule(RuleRequest):
    pass


class DeleteRule(RuleRequest):
    pass


RuleCommand = CreateRule | ChangeRule | EnableRule | DisableRule | DeleteRule
