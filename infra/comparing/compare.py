"""Compares each item of a payload with what the read API shows of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from commands.accounts import account_id
from infra.comparing import rebuilt
from infra.comparing.differences import differences
from infra.comparing.named import (
    MessageNamed,
    Told,
    changes,
    number_of,
    templates_of,
)
from infra.comparing.rebuilt import Json
from infra.comparing.shown import Shown
from infra.comparing.world import sent_id, template_id

Found = AsyncIterator[str]
NOT_SHOWN: Final = "is not shown anywhere"


async def compare(content: Any, shown: Shown) -> list[str]:
    """Every difference between a payload and what is shown; none is the aim."""
    found = [
        f"{told.field}: {difference}"
        for told in changes(content)
        async for difference in _change(told, shown)
    ]
    return found or ([] if [*changes(content)] else ["it has no change of the documented shape"])


async def _change(told: Told, shown: Shown) -> Found:
    compared = False
    for part, check in PARTS.get(told.field, {}).items():
        for n, item in enumerate(told.value.get(part, ())):
            compared = True
            for difference in await check(told, item, shown):
                yield f"{part}[{n}] {difference}"
    if not compared:
        for difference in await _report(told, shown):
            yield difference
    for difference in (*_people(told, shown), *_number(told, shown)):
        yield difference


async def _message(told: Told, item: Json, shown: Shown) -> list[str]:
    """Received, edited, taken back, or a reaction."""
    kind, id_ = item.get("type"), item.get("id")
    beside = {"errors": told.value["errors"]} if told.value.get("errors") else {}
    for one in shown.transcript(account_id(number_of(told).phone_number_id)):
        sender, made = None, None
        if kind == "edit":
            edit = _first(one["edits"], edit_id=id_)
            sender, made = edit and edit["sender"], edit and rebuilt.edit(one, edit)
        elif kind == "revoke" and (one["revocation"] or {}).get("revoke_id") == id_:
            sender, made = one["revocation"]["sender"], rebuilt.revocation(one)
        elif kind == "reaction":
            reaction = _first(one["reactions"], provider_id=id_)
            sender = reaction and reaction["sender"]
            made = reaction and rebuilt.reaction(one, reaction)
        elif one["provider_id"] == id_ and one["direction"] == _direction(told):
            sender, made = one["sender"], rebuilt.message(one)
        if made is not None:
            return [*_differ({**beside, **_plain(item)}, made), *_sender(told, sender or {})]
    return [NOT_SHOWN]


def _plain(item: Json) -> Json:
    """A reaction without an emoji says the same as one with an empty emoji."""
    reaction = item.get("reaction")
    if isinstance(reaction, dict) and not reaction.get("emoji"):
        kept = {key: said for key, said in reaction.items() if key != "emoji"}
        return {**item, "reaction": kept}
    return item


def _direction(told: Told) -> str:
    return "out" if told.field == "smb_message_echoes" else "in"


def _sender(told: Told, sender: Json) -> Iterator[str]:
    """What the provider said of the person is beside the item."""
    contacts = told.value.get("contacts", ())
    if len(contacts) == 1:
        for difference in differences(contacts[0], rebuilt.contact(sender, contacts[0])):
            yield f"contacts[0].{difference}"


async def _status(told: Told, item: Json, shown: Shown) -> list[str]:
    named = MessageNamed(number_of(told).phone_number_id, str(item["id"]))
    message = await shown.message(sent_id(named))
    reports = await shown.reports("message", sent_id(named))
    made = [one for one in reports if rebuilt.seconds(one["at"]) == item["timestamp"]]
    for one in made:
        built = rebuilt.status(message["wamid"], one)
        if not [*differences(item, built)]:
            return [*_sender(told, one["details"].get("recipient", {}))]
    if made:
        return _differ(item, rebuilt.status(message["wamid"], made[0]))
    return [NOT_SHOWN]


async def _call(told: Told, item: Json, shown: Shown) -> list[str]:
    beside = {"errors": told.value["errors"]} if told.value.get("errors") else {}
    id_ = str(item["id"])
    steps = await shown.steps(account_id(number_of(told).phone_number_id), id_)
    for step in steps:
        built = rebuilt.call(id_, step)
        if not [*differences({**beside, **item}, built)]:
            return [*_sender(told, step["details"].get("sender", {}))]
    return _differ({**beside, **item}, rebuilt.call(id_, steps[0])) if steps else [NOT_SHOWN]


async def _wish(told: Told, item: Json, shown: Shown) -> list[str]:
    del told
    built = [
        rebuilt.preference(one)
        for person in shown.people
        for one in person["reports"]
        if one["field"] == "user_preferences"
    ]
    return [] if any(not [*differences(item, one)] for one in built) else [NOT_SHOWN]


async def _report(told: Told, shown: Shown) -> list[str]:
    """A change that is told as a whole."""
    about = [("template", template_id(named)) for named in templates_of(told)]
    about = about or [("account", account_id(number_of(told).phone_number_id))]
    for kind, id_ in about:
        for one in await shown.reports(kind, id_):
            same_time = told.time is None or _second(one["at"]) == told.time
            if one["field"] == told.field and same_time and one["details"] == told.value:
                return []
    return [NOT_SHOWN]


def _people(told: Told, shown: Shown) -> Iterator[str]:
    """Whoever is named can be found by it."""
    contacts = told.value.get("contacts", ())
    known = {one["value"] for person in shown.people for one in person["identifiers"]}
    for n, contact in enumerate(contacts if told.field != "messages" or _writes(told) else ()):
        for key in ("wa_id", "user_id"):
            if key in contact and not {contact[key], f"+{contact[key]}"} & known:
                yield f"contacts[{n}].{key}: nobody is known by {contact[key]!r}"


def _writes(told: Told) -> bool:
    """Statuses are about somebody who is known already."""
    return "messages" in told.value


def _number(told: Told, shown: Shown) -> Iterator[str]:
    metadata = told.value.get("metadata")
    if isinstance(metadata, dict):
        number = shown.number(account_id(number_of(told).phone_number_id))
        for difference in differences(metadata, {key: number.get(key) for key in metadata}):
            yield f"metadata.{difference}"


def _differ(sent: Json, shown: Json) -> list[str]:
    return [*differences(dict(sent), dict(shown))]


def _first(found: Sequence[Json], **wanted: Any) -> Json | None:
    return next((one for one in found if wanted.items() <= one.items()), None)


def _second(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp())


Check = Callable[[Told, Json, Shown], Awaitable[list[str]]]
PARTS: Final[Mapping[str, Mapping[str, Check]]] = {
    "messages": {"messages": _message, "statuses": _status},
    "smb_message_echoes": {"message_echoes": _message},
    "calls": {"calls": _call, "statuses": _call},
    "user_preferences": {"user_preferences": _wish},
}
"""The lists of items in a change; what is in no list is told as a whole."""
