"""Commands on rules, which answer customers by themselves."""

from typing import Any, Final

import msgspec

from commands.command import Command, Intent, Wanted, about
from commands.patterns import check_pattern
from commands.references import Reference, known
from commands.rule_bodies import NewRule, RulePatch
from commands.streams import Ask
from domain.account import account
from domain.canned_reply import canned_reply
from domain.ids import name_id
from domain.links import check_taken
from domain.refusals import not_found
from domain.rule import (
    Answer,
    ChangeRule,
    CreateRule,
    Definition,
    DeleteRule,
    DisableRule,
    EnableRule,
    Rule,
    rule,
)
from domain.team import team
from domain.template import Template, template
from domain.template.usage import NO_FILE
from domain.user import user


def _create_rule(wanted: Wanted) -> Intent:
    body: NewRule = wanted.body
    id_ = name_id(wanted.workspace_id, "rule", body.name.casefold())
    definition = _definition(wanted, body.model_dump())
    command = CreateRule(workspace_id=wanted.workspace_id, rule_id=id_, definition=definition)
    return Intent("rule", id_, [Ask(rule, id_, command)])


def _change_rule(wanted: Wanted) -> Intent:
    patch: RulePatch = wanted.body
    id_ = wanted.ids["rule_id"]
    found: Rule = wanted.streams.look(rule, id_, wanted.workspace_id)
    if not found.present or found.definition is None:
        raise not_found("rule", id_)
    given = patch.model_dump(include=patch.model_fields_set)
    definition = _definition(wanted, msgspec.structs.asdict(found.definition) | given)
    return about(wanted, rule, ChangeRule(**wanted.named, definition=definition))


def _definition(wanted: Wanted, given: dict[str, Any]) -> Definition:
    """As the rule keeps it; everything it names is there, and its pattern can be used."""
    parts = msgspec.to_builtins(given, builtin_types=())
    definition = msgspec.convert(_without_nulls(parts), Definition)
    if definition.trigger.kind == "regex":
        for pattern in definition.trigger.values:
            check_pattern(pattern)
    known(wanted, _named(definition))
    _check_answer(wanted, definition.actions.answer)
    return definition


def _check_answer(wanted: Wanted, answer: Answer | None) -> None:
    """A template belongs to one number, so it is known already whether that takes a link."""
    if answer is None or answer.template_id is None or not answer.header_link:
        return
    text: Template = wanted.streams.look(template, answer.template_id, wanted.workspace_id)
    assert text.submitted is not None
    number = wanted.streams.look(account, text.submitted.account_id, wanted.workspace_id)
    check_taken(takes_links=number.takes_links, instead=NO_FILE)


def _named(definition: Definition) -> list[Reference]:
    actions, answer = definition.actions, definition.actions.answer
    named: list[Reference] = [
        (account, "account", id_, f"/conditions/accounts/{n}")
        for n, id_ in enumerate(definition.conditions.accounts)
    ]
    if actions.user_id is not None:
        named.append((user, "user", actions.user_id, "/actions/user_id"))
    if actions.team_id is not None:
        named.append((team, "team", actions.team_id, "/actions/team_id"))
    if answer is not None and answer.template_id is not None:
        named.append((template, "template", answer.template_id, "/actions/answer/template_id"))
    if answer is not None and answer.reply_id is not None:
        named.append((canned_reply, "reply", answer.reply_id, "/actions/answer/reply_id"))
    return named


def _without_nulls(value: Any) -> Any:
    """What is null was not given."""
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return value


def _enable_rule(wanted: Wanted) -> Intent:
    return about(wanted, rule, EnableRule(**wanted.named))


def _disable_rule(wanted: Wanted) -> Intent:
    return about(wanted, rule, DisableRule(**wanted.named))


def _delete_rule(wanted: Wanted) -> Intent:
    return about(wanted, rule, DeleteRule(**wanted.named))


_ALL: Final = "/v1/rules"
_ONE: Final = "/v1/rules/{rule_id}"
_ID: Final = {"rule_id": "rule"}

COMMANDS: Final = (
    Command(
        "POST",
        _ALL,
        "Make a rule, disabled at first",
        _create_rule,
        "rules.manage",
        body=NewRule,
        status=201,
    ),
    Command(
        "PATCH",
        _ONE,
        "Change a rule (JSON merge patch)",
        _change_rule,
        "rules.manage",
        body=RulePatch,
        ids=_ID,
        match_required=True,
    ),
    Command("POST", f"{_ONE}/enable", "Enable a rule", _enable_rule, "rules.manage", ids=_ID),
    Command("POST", f"{_ONE}/disable", "Disable a rule", _disable_rule, "rules.manage", ids=_ID),
    Command("DELETE", _ONE, "Delete a rule", _delete_rule, "rules.manage", ids=_ID),
)
