"""What a rule may say. Whether a pattern can be read is checked by whoever has an engine for it."""

from collections.abc import Sequence
from typing import Final

from domain.kernel import Rejected
from domain.links import check_link
from domain.refusals import NAME_LENGTH, check_name
from domain.rule.events import Actions, Answer, Conditions, Definition, Trigger

VALUES: Final = 50
VALUE_LENGTH: Final = 256
NAMED: Final = 50
TEXT_LENGTH: Final = 4096
PRIORITIES: Final = 1_000
COOL_DOWN_S: Final = 7 * 24 * 3600
WORDLESS: Final = frozenset({"first_message", "away"})


def checked(definition: Definition) -> Definition:
    """It, if it is in order."""
    check_name("rule", definition.name)
    _check_trigger(definition.trigger)
    _check_conditions(definition.conditions)
    _check_actions(definition.actions)
    if not 1 <= definition.priority <= PRIORITIES:
        raise _invalid(
            f"a rule's priority is 1 (the first) to {PRIORITIES}; this is {definition.priority}"
        )
    if not 0 <= definition.cool_down_s <= COOL_DOWN_S:
        raise _invalid(
            f"a rule's cool-down is 0 to {COOL_DOWN_S} seconds (7 days); "
            f"this is {definition.cool_down_s}"
        )
    return definition


def _check_trigger(trigger: Trigger) -> None:
    kind, values = trigger.kind, trigger.values
    if kind in WORDLESS:
        if values:
            raise _invalid(f"a trigger of kind {kind} takes no values; it has {len(values)}")
        return
    most = 1 if kind == "regex" else VALUES
    if not 1 <= len(values) <= most:
        wanted = "one value" if most == 1 else f"1 to {most} values"
        raise _invalid(f"a trigger of kind {kind} has {wanted}; this has {len(values)}")
    for value in values:
        if not value.strip() or len(value) > VALUE_LENGTH:
            raise _invalid(
                f"a value of a trigger has 1 to {VALUE_LENGTH} characters and is not blank; "
                f"this has {len(value)}"
            )


def _check_conditions(conditions: Conditions) -> None:
    for what, named in (
        ("numbers", conditions.accounts),
        ("labels", conditions.labels),
        ("languages", conditions.languages),
    ):
        _check_named(what, named)


def _check_actions(actions: Actions) -> None:
    _check_named("labels", actions.labels)
    for label in actions.labels:
        check_name("label", label)
    if actions == Actions():
        raise _invalid("a rule does something: an answer, labels, an assignment or an opt-out")
    if actions.answer is not None:
        _check_answer(actions.answer)


def _check_answer(answer: Answer) -> None:
    ways = [bool(answer.text), answer.template_id is not None, answer.reply_id is not None]
    if sum(ways) != 1:
        raise _invalid(
            f"an answer is a text, a template or a canned reply: one of them; this has {sum(ways)}"
        )
    if answer.template_id is None and (answer.variables or answer.header_link):
        raise _invalid("only an answer with a template has variables and a header link")
    if answer.text and (not answer.text.strip() or len(answer.text) > TEXT_LENGTH):
        raise _invalid(
            f"an answer's text has 1 to {TEXT_LENGTH} characters and is not blank; "
            f"this has {len(answer.text)}"
        )
    if answer.header_link:
        check_link(answer.header_link)


def _check_named(what: str, named: Sequence[object]) -> None:
    if len(named) > NAMED or len(set(named)) < len(named):
        raise _invalid(
            f"a rule names at most {NAMED} {what}, each once; these are {len(named)}, "
            f"{len(set(named))} of them different"
        )
    for name in named:
        if isinstance(name, str) and not 0 < len(name.strip()) <= len(name) <= NAME_LENGTH:
            raise _invalid(f"{what} named by a rule have 1 to {NAME_LENGTH} characters each")


def _invalid(why: str) -> Rejected:
    return Rejected("invalid_rule", why)
