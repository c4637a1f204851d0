"""Columns that hold JSON: what each looks like to a reader, and its schema."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import msgspec
import orjson

from domain.campaign import Plan
from domain.ids import PREFIXES, show

_texts: Final = {"type": "array", "items": {"type": "string"}}
_object: Final = {"type": "object"}
_by_name: Final = {**_object, "additionalProperties": {"type": "string"}}
_plan: Final = msgspec.json.Decoder(Plan)


def _as_it_is(value: str) -> orjson.Fragment:
    return orjson.Fragment(value)


def _shown_plan(value: str) -> dict[str, Any]:
    """With the ids that other answers have, and every field, as a request would give them."""
    plan = _plan.decode(value)
    return {
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

Shown = tuple[Callable[[str], Any], dict[str, Any]]
STRUCTURES: Final[dict[str, Shown]] = {
    "attributes": (_as_it_is, _by_name),
    "variables": (_as_it_is, _texts),
    "buttons": (_as_it_is, _texts),
    "detail": (_as_it_is, {**_object, "description": "What matters of this kind of fact"}),
    "plan": (_shown_plan, _PLAN),
}
