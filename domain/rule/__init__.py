"""A rule answers customers by itself: what sets it off, what has to be so, and what it does.

Its id is derived from its first name (case-folded), so a name is made once in a workspace. A new
rule is disabled, so that it can be tried on past messages first.
"""

from domain.rule.commands import (
    ChangeRule,
    CreateRule,
    DeleteRule,
    DisableRule,
    EnableRule,
    RuleCommand,
)
from domain.rule.decider import Rule, rule
from domain.rule.events import (
    Actions,
    Answer,
    Conditions,
    Definition,
    RuleDeleted,
    RuleDisabled,
    RuleEnabled,
    RuleEvent,
    RuleSaved,
    Trigger,
)
from domain.rule.matching import Heard, Search, matches, normal

__all__ = [
    "Actions",
    "Answer",
    "ChangeRule",
    "Conditions",
    "CreateRule",
    "Definition",
    "DeleteRule",
    "DisableRule",
    "EnableRule",
    "Heard",
    "Rule",
    "RuleCommand",
    "RuleDeleted",
    "RuleDisabled",
    "RuleEnabled",
    "RuleEvent",
    "RuleSaved",
    "Search",
    "Trigger",
    "matches",
    "normal",
    "rule",
]
