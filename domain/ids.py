"""Ids: UUIDs inside, shown with a prefix (`cmp_…`). Some are derived, so that they exist once."""

from string import hexdigits
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

PREFIXES: Final = {
    "workspace": "wsp",
    "key": "key",
    "account": "acc",
    "contact": "con",
    "group": "grp",
    "template": "tpl",
    "campaign": "cmp",
    "message": "msg",
    "import": "imp",
    "conversation": "cnv",
    "note": "nte",
    "file": "fil",
    "call": "cal",
    "user": "usr",
    "session": "ses",
    "team": "tem",
    "reply": "rpl",
    "rule": "rul",
    "suggestion": "sug",
    "notification": "ntf",
    "reading": "rdg",
}
DIGITS: Final = 32
_IDENTIFIERS: Final = uuid5(NAMESPACE_URL, "blazz:identifier")


def show(kind: str, id_: UUID) -> str:
    """`show("campaign", id)` is `cmp_` and 32 hexadecimal digits."""
    return f"{PREFIXES[kind]}_{id_.hex}"


def parse(kind: str, text: str) -> UUID:
    """The id behind a shown one. ValueError if it is not one of this kind."""
    prefix, _, digits = text.partition("_")
    hexadecimal = len(digits) == DIGITS and set(digits) <= set(hexdigits.lower())
    if prefix != PREFIXES[kind] or not hexadecimal:
        raise ValueError(
            f"not a {kind} id: {text!r} (expected {PREFIXES[kind]}_ and {DIGITS} hex digits)"
        )
    return UUID(hex=digits)


def message_id(campaign_id: UUID, contact_id: UUID) -> UUID:
    """One message per campaign and contact, however often a contact matches."""
    return uuid5(campaign_id, contact_id.hex)


def conversation_id(account_id: UUID, contact_id: UUID) -> UUID:
    """One conversation per contact and number, so a message outside campaigns says whose it is."""
    return uuid5(account_id, f"conversation:{contact_id.hex}")


def inbound_id(account_id: UUID, provider_id: str) -> UUID:
    """The message the provider knows by that id on that number: it arrives once, however often."""
    return uuid5(account_id, f"inbound:{provider_id}")


def inbound_file_id(message_id: UUID, edit_id: str = "") -> UUID:
    """The file that came with a message, or with an edit of it."""
    return uuid5(message_id, f"file:{edit_id}")


def automatic_answer_id(inbound_id: UUID) -> UUID:
    """The one message that may answer a message by itself."""
    return uuid5(inbound_id, "answer")


def consideration_id(inbound_id: UUID) -> UUID:
    """The stream that says what was made of a message automatically, once."""
    return uuid5(inbound_id, "consideration")


def call_id(account_id: UUID, provider_id: str) -> UUID:
    """The call the provider knows by that id on that number."""
    return uuid5(account_id, f"call:{provider_id}")


def user_id(workspace_id: UUID, email: str) -> UUID:
    """The user of that e-mail address, however its letters are written."""
    return uuid5(workspace_id, f"user:{email.strip().casefold()}")


def identifier_id(workspace_id: UUID, kind: str, value: str) -> UUID:
    """The stream that decides whose a phone number (or other identifier) is."""
    return uuid5(_IDENTIFIERS, f"{workspace_id.hex}:{kind}:{value}")


def name_id(workspace_id: UUID, kind: str, name: str) -> UUID:
    """An id fixed by a name, where the name must be unique in its workspace."""
    return uuid5(workspace_id, f"{kind}:{name}")
