"""Rules with all they say, and how often each was used."""

from sqlalchemy import Index

from domain.consideration import InboundConsidered
from domain.kernel import Recorded
from domain.rule import RuleDeleted, RuleDisabled, RuleEnabled, RuleSaved
from projections.columns import canonical, instant, key, long_text, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, add, drop, put

rules = read_model(
    "rules",
    key("workspace_id"),
    key("rule_id"),
    text("name"),
    number("priority"),
    number("cool_down_s"),
    number("enabled"),
    long_text("definition"),
    instant("updated_at"),
    number("version"),
    Index("ix_rules_enabled", "workspace_id", "enabled", "priority"),
)

rule_uses = read_model(
    "rule_uses",
    key("workspace_id"),
    key("rule_id"),
    number("uses"),
    number("answers"),
    instant("last_used_at"),
)
"""Kept when a rule is deleted: a name taken again goes on counting."""

projection = Projection("rules", rules, rule_uses)


@projection.on
def saved(event: RuleSaved, recorded: Recorded) -> Row:
    definition = event.definition
    return put(
        rules,
        workspace_id=event.workspace_id,
        rule_id=event.rule_id,
        name=definition.name,
        priority=definition.priority,
        cool_down_s=definition.cool_down_s,
        definition=canonical(definition),
        updated_at=recorded.recorded_at,
        version=recorded.version,
    )


@projection.on
def enabled(event: RuleEnabled, recorded: Recorded) -> Row:
    return _switched(event, recorded, 1)


@projection.on
def disabled(event: RuleDisabled, recorded: Recorded) -> Row:
    return _switched(event, recorded, 0)


@projection.on
def deleted(event: RuleDeleted, recorded: Recorded) -> Row:
    del recorded
    return drop(rules, workspace_id=event.workspace_id, rule_id=event.rule_id)


@projection.on
def used(event: InboundConsidered, recorded: Recorded) -> list[Row]:
    if event.rule_id is None:
        return []
    ids = {"workspace_id": event.workspace_id, "rule_id": event.rule_id}
    counted = {"uses": 1, "answers": int(event.answer_id is not None)}
    return [
        add(rule_uses, **ids, **counted),
        put(rule_uses, **ids, last_used_at=recorded.recorded_at),
    ]


def _switched(event: RuleEnabled | RuleDisabled, recorded: Recorded, on: int) -> Row:
    ids = {"workspace_id": event.workspace_id, "rule_id": event.rule_id}
    return put(rules, **ids, enabled=on, version=recorded.version)
