"""Whom an item of the Cloud API is about: all identifiers it names, and what it says of the person.

A phone number may be missing, and where it is expected a business-scoped id (`DE.77`) may stand.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from commands.policies.webhook_items import Person
from commands.policies.whatsapp_shape import Value, Wrong
from domain.identifier import IdentifierKind
from domain.refusals import NAME_LENGTH

PHONE: Final = re.compile(r"\+?([1-9][0-9]{7,14})")
LONGEST_ID: Final = 128
SIDES: Final = ("from", "to")
PARTIES: Final = frozenset(
    f"{side}{which}" for side in SIDES for which in ("", "_user_id", "_parent_user_id")
)
"""Where an item names sender and recipient."""


def person(value: Value, item: Value, *sides: str) -> Person:
    """`sides`: the keys that may name the customer; the first that is not our own number does.

    Wrong if nobody is named at all.
    """
    side = _side(value, item, sides)
    named = [item.get(side), item.get(_user_key(side))]
    entry = Contacts(value).entry(*named)
    identifiers = tuple(_identifiers([*named, entry.get("wa_id"), entry.get("user_id")]))
    if not identifiers:
        raise Wrong(f"nobody is named: neither {side} nor contacts has an id")
    profile = entry.get("profile")
    said = {key: item[key] for key in PARTIES if key in item}
    return Person(identifiers, _name(profile), said_of(entry) | said)


def phone_of(raw: Any) -> str:
    """In E.164; empty if it is no phone number."""
    found = PHONE.fullmatch(raw) if isinstance(raw, str) else None
    return f"+{found[1]}" if found else ""


class Contacts:
    """The people that a change tells of, looked up for many of its items."""

    def __init__(self, value: Value) -> None:
        told = value.get("contacts")
        self._entries = [c for c in told if isinstance(c, dict)] if isinstance(told, list) else []
        self._places: dict[str, int] = {}
        for place, entry in enumerate(self._entries):
            for id_ in (entry.get("wa_id"), entry.get("user_id")):
                if isinstance(id_, str):
                    self._places.setdefault(id_, place)

    def entry(self, *named: Any) -> Mapping[str, Any]:
        """The first that is named, or the only one there is."""
        first = len(self._entries)
        for name in named:
            if isinstance(name, str) and name:
                first = min(first, self._places.get(name, first))
        if first < len(self._entries):
            return self._entries[first]
        return self._entries[0] if len(self._entries) == 1 else {}


def said_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry of `contacts` says, its profile beside the rest."""
    profile = entry.get("profile")
    if not isinstance(profile, dict):
        return dict(entry)
    return {**{key: said for key, said in entry.items() if key != "profile"}, **profile}


def _side(value: Value, item: Value, sides: Sequence[str]) -> str:
    metadata = value.get("metadata")
    shown = metadata.get("display_phone_number") if isinstance(metadata, dict) else None
    own = phone_of(shown)
    for side in sides:
        said = item.get(side) or item.get(_user_key(side))
        if said and not (own and phone_of(said) == own):
            return side
    return sides[0]


def _user_key(side: str) -> str:
    """The key of the business-scoped id that goes with a phone number's."""
    return f"{side}_user_id" if side in SIDES else "user_id"


def _identifiers(raw: Sequence[Any]) -> Iterator[tuple[IdentifierKind, str]]:
    """Phones first, each once."""
    texts = [text for text in raw if isinstance(text, str) and text]
    for text in texts:
        if len(text) > LONGEST_ID:
            raise Wrong(f"an id has {len(text)} characters, at most {LONGEST_ID} were expected")
    phones = dict.fromkeys(phone for text in texts if (phone := phone_of(text)))
    others = dict.fromkeys(text for text in texts if not phone_of(text))
    yield from (("phone", phone) for phone in phones)
    yield from (("bsuid", other) for other in others)


def _name(profile: Any) -> str:
    name = profile.get("name") if isinstance(profile, dict) else None
    return name.strip()[:NAME_LENGTH].strip() if isinstance(name, str) else ""
