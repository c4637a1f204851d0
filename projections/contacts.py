"""Contacts, and the words they are found by.

`words` has the same words in the contact's own row, so that whoever comes there by one word finds
the others without another look.

`live_since` and `deleted_position` tell who was there at any position, so that an audience is
fixed by the position of its launch. Deleted contacts keep their words; a search leaves them out.
"""

from collections.abc import Collection
from typing import Any, get_args

from sqlalchemy import BigInteger, Column, Index, String

from domain.contact import (
    ContactAdded,
    ContactBlocked,
    ContactChanged,
    ContactDeleted,
    ContactEvent,
    ContactJoinedGroup,
    ContactLeftGroup,
    ContactOptedIn,
    ContactOptedOut,
    ContactRestored,
    Profile,
)
from domain.kernel import Recorded
from domain.message import AboutMessage, MessageAccepted
from projections.columns import (
    big,
    canonical,
    flags,
    instant,
    key,
    long_text,
    number,
    read_model,
    text,
)
from projections.projection import Projection
from projections.rows import Row, drop, put
from projections.stages import Report, happened_at
from projections.words import bits_of, line_of, words

contacts = read_model(
    "contacts",
    key("workspace_id"),
    key("contact_id"),
    text("phone", 32),
    text("first_name"),
    text("last_name"),
    text("email", 320),
    text("language", 35),
    text("time_zone", 64),
    long_text("attributes"),
    number("opted_out"),
    number("blocked"),
    number("deleted"),
    big("live_since"),
    Column("deleted_position", BigInteger),
    instant("last_message_at"),
    instant("created_at"),
    instant("updated_at"),
    number("version"),
    long_text("words"),
    Index("ix_contacts_phone", "workspace_id", "phone"),
    Index("ix_contacts_listed", "workspace_id", "deleted", "contact_id"),
    Index("ix_contacts_opted_out", "workspace_id", "opted_out", "deleted", "contact_id"),
)

contact_words = read_model(
    "contact_words",
    key("workspace_id"),
    Column("word", String(64), primary_key=True),
    key("contact_id"),
    big("position"),
    # What tells of the contact's other words.
    flags("bits"),
)

projection = Projection("contacts", contacts, contact_words, version=3)


def _contact(event: ContactEvent, recorded: Recorded, **columns: Any) -> Row:
    return put(
        contacts,
        workspace_id=event.workspace_id,
        contact_id=event.contact_id,
        version=recorded.version,
        updated_at=recorded.recorded_at,
        **columns,
    )


def _profile(profile: Profile) -> dict[str, str]:
    return {
        "phone": profile.phone,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "email": profile.email,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "attributes": canonical(profile.attributes),
        "words": line_of(sorted(words(profile))),
    }


def _found_by(
    event: ContactAdded | ContactChanged, recorded: Recorded, its: Collection[str], of: int
) -> list[Row]:
    """Rows of these words, of all of which the bits tell."""
    told = {"position": recorded.position, "bits": of}
    return [
        Row(contact_words, (event.workspace_id, word, event.contact_id), told)
        for word in sorted(its)
    ]


@projection.on
def added(event: ContactAdded, recorded: Recorded) -> list[Row]:
    contact = _contact(
        event,
        recorded,
        **_profile(event.profile),
        live_since=recorded.position,
        created_at=recorded.recorded_at,
    )
    its = words(event.profile)
    return [contact, *_found_by(event, recorded, its, bits_of(its))]


@projection.on
def changed(event: ContactChanged, recorded: Recorded) -> list[Row]:
    before, after = words(event.before), words(event.profile)
    bits = bits_of(after)
    told_anew = after - before if bits == bits_of(before) else after
    return [
        _contact(event, recorded, **_profile(event.profile)),
        *(
            drop(
                contact_words,
                workspace_id=event.workspace_id,
                word=word,
                contact_id=event.contact_id,
            )
            for word in sorted(before - after)
        ),
        *_found_by(event, recorded, told_anew, bits),
    ]


@projection.on
def joined(event: ContactJoinedGroup, recorded: Recorded) -> Row:
    return _contact(event, recorded)


@projection.on
def left(event: ContactLeftGroup, recorded: Recorded) -> Row:
    return _contact(event, recorded)


@projection.on
def opted_in(event: ContactOptedIn, recorded: Recorded) -> Row:
    return _contact(event, recorded, opted_out=0)


@projection.on
def opted_out(event: ContactOptedOut, recorded: Recorded) -> Row:
    return _contact(event, recorded, opted_out=1)


@projection.on
def blocked(event: ContactBlocked, recorded: Recorded) -> Row:
    return _contact(event, recorded, blocked=1)


@projection.on
def deleted(event: ContactDeleted, recorded: Recorded) -> Row:
    return _contact(event, recorded, deleted=1, deleted_position=recorded.position)


@projection.on
def restored(event: ContactRestored, recorded: Recorded) -> list[Row]:
    rows = [_contact(event, recorded, deleted=0, blocked=0, deleted_position=None)]
    if event.was_deleted:
        rows.append(_contact(event, recorded, live_since=recorded.position))
    return rows


def messaged(event: AboutMessage, recorded: Recorded) -> list[Row]:
    """The provider has taken a message to the person, as an answer or a later report tells."""
    if "accepted" not in event.newly:
        return []
    contact = (event.workspace_id, event.contact_id)
    return [Row(contacts, contact, {"last_message_at": happened_at(event, recorded)})]


projection.handlers |= dict.fromkeys([MessageAccepted, *get_args(Report)], messaged)
