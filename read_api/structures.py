"""Columns that hold JSON: what each looks like to a reader, and its schema."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec
import orjson

from domain.campaign import Plan
from domain.ids import PREFIXES, show

_texts: Final = {"type": "array", "items": {"type": "string"}}
_object: Final = {"type": "object"}
_by_name: Final = {**_object, "additionalProperties": {"type": "string"}}
PLANS_KEPT: Final = 4096
SHORT: Final = 2000
"""Characters of a plan worth keeping in mind; a long one lists contacts."""
_plan: Final = msgspec.json.Decoder(Plan)


_as_it_is: Final = orjson.Fragment


def _shown_plan(value: str) -> orjson.Fragment:
    """With the ids that other answers have, and every field, as a request would give them."""
    return _short_plan(value) if len(value) <= SHORT else _shown_text(value)


def _shown_text(value: str) -> orjson.Fragment:
    plan = _plan.decode(value)
    shown = {
        "name": plan.name,
        "account_id": show("account", plan.account_id),
        "template_id": show("template", plan.template_id),
        "audience": {
            "kind": plan.audience.kind,
            "groups": _all("group", plan.audience.groups),
            "contacts": _all("contact", plan.audience.contacts),
        },
        "variables": plan.variables,
        "header_link": plan.header_link or None,
    }
    return orjson.Fragment(orjson.dumps(shown))


def _shown_rule(value: str) -> orjson.Fragment:
    """As a request would give it, without what is not asked or done."""
    rule = orjson.loads(value)
    conditions, actions = rule.get("conditions", {}), rule["actions"]
    if accounts := conditions.get("accounts"):
        conditions["accounts"] = [show("account", UUID(id_)) for id_ in accounts]
    for of in (actions, actions.get("answer", {})):
        for kind in ("user", "team", "template", "reply"):
            if id_ := of.get(f"{kind}_id"):
                of[f"{kind}_id"] = show(kind, UUID(id_))
    shown = {"trigger": rule["trigger"], "conditions": conditions, "actions": actions}
    return orjson.Fragment(orjson.dumps(shown))


_short_plan = lru_cache(PLANS_KEPT)(_shown_text)


def _all(kind: str, ids: tuple[UUID, ...]) -> list[str]:
    return [show(kind, id_) for id_ in ids]


def id_schema(kind: str) -> dict[str, Any]:
    """A shown id of that kind."""
    return {"type": "string", "pattern": f"^{PREFIXES[kind]}_[0-9a-f]{{32}}$"}


def _closed(**properties: dict[str, Any]) -> dict[str, Any]:
    return {**_object, "properties": properties, "required": list(properties)}


_AUDIENCE: Final = _closed(
    kind={"enum": ["all", "groups", "contacts"]},
    groups={"type": "array", "items": id_schema("group")},
    contacts={"type": "array", "items": id_schema("contact")},
)
_PLAN: Final = _closed(
    name={"type": "string"},
    account_id=id_schema("account"),
    template_id=id_schema("template"),
    audience=_AUDIENCE,
    variables=_by_name,
    header_link={"type": ["string", "null"]},
)
_RULE: Final = _closed(trigger=_object, conditions=_object, actions=_object)
_SPAN: Final = _closed(
    day={"type": "integer"}, start_minute={"type": "integer"}, end_minute={"type": "integer"}
)

Shown = tuple[Callable[[str], Any], dict[str, Any]]
STRUCTURES: Final[dict[str, Shown]] = {
    "attributes": (_as_it_is, _by_name),
    "variables": (_as_it_is, _texts),
    "buttons": (_as_it_is, _texts),
    "detail": (_as_it_is, {**_object, "description": "What matters of this kind of fact"}),
    "plan": (_shown_plan, _PLAN),
    "definition": (_shown_rule, _RULE),
    "labels": (_as_it_is, _texts),
    "members": (_as_it_is, _texts),
    "working_hours": (_as_it_is, {"type": "array", "items": _SPAN}),
    "media": (_as_it_is, {**_object, "description": "A file: where it is and what it is"}),
    "details": (
        _as_it_is,
        {**_object, "description": "What this kind has, as the provider gave it"},
    ),
    "sender": (_as_it_is, {**_object, "description": "What the provider said of the person"}),
    "revocation": (_as_it_is, {**_object, "description": "Who took it back, and by what message"}),
    "content": (_as_it_is, {**_object, "description": "All that the edit made of the message"}),
}
