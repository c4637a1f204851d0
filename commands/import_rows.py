"""What a chunk of rows comes to: for each row its outcome, and the asks that bring it about."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
import uuid_utils.compat as uuids

from commands.contact_csv import Row, invalid
from commands.streams import Ask, Streams
from domain.contact import AddContact, ChangeContact, JoinGroup, Profile, contact
from domain.contact.profile import check_profile
from domain.contact_import import RowOutcome
from domain.group import CreateGroup, group
from domain.identifier import ClaimIdentifier, identifier
from domain.ids import identifier_id, name_id, show
from domain.kernel import Rejected


class Resolved(NamedTuple):
    """`numbers` are the phone numbers met for the first time in this file."""

    outcomes: list[RowOutcome]
    asks: list[Ask]
    numbers: set[int]


def number_of(row: Row) -> int:
    """The phone number in the smallest form, to remember all numbers of a file."""
    return int(row.phone[1:])


class Resolver:
    """Looks the rows of one workspace up. Streams stay loaded for whoever carries the asks out."""

    def __init__(self, workspace_id: UUID, streams: Streams) -> None:
        self._workspace_id = workspace_id
        self._streams = streams
        self._identifiers: dict[str, UUID] = {}

    def resolve(self, rows: Sequence[Row | RowOutcome], seen: set[int]) -> Resolved:
        """`seen` are the numbers of the rows before these."""
        usable = [row for row in rows if isinstance(row, Row)]
        self._identifiers.clear()
        groups = self._groups(usable)
        self._load(usable, groups)
        resolved = Resolved([], self._missing(groups), set())
        for row in rows:
            if isinstance(row, RowOutcome):
                resolved.outcomes.append(row)
            elif number_of(row) in seen or number_of(row) in resolved.numbers:
                reason = "the same number stands in an earlier row"
                repeated = RowOutcome(
                    line=row.line, outcome="duplicate", code="repeated", reason=reason
                )
                resolved.outcomes.append(repeated)
            else:
                resolved.numbers.add(number_of(row))
                resolved.outcomes.append(self._one(row, resolved.asks))
        return resolved

    def _groups(self, rows: Iterable[Row]) -> dict[UUID, str]:
        return {self._group_id(name): name for row in reversed(list(rows)) for name in row.groups}

    def _group_id(self, name: str) -> UUID:
        return name_id(self._workspace_id, "group", name.strip().casefold())

    def _identifier(self, phone: str) -> UUID:
        """Asked for several times a row, and derived by a hash."""
        known = self._identifiers.get(phone)
        if known is None:
            known = self._identifiers[phone] = identifier_id(self._workspace_id, "phone", phone)
        return known

    def _holder(self, phone: str) -> UUID | None:
        found = self._streams.look(identifier, self._identifier(phone), self._workspace_id)
        holder: UUID | None = found.holder
        return holder

    def _load(self, rows: Sequence[Row], groups: Iterable[UUID]) -> None:
        self._streams.load([*(self._identifier(row.phone) for row in rows), *groups])
        holders = (self._holder(row.phone) for row in rows)
        self._streams.load(holder for holder in holders if holder is not None)

    def _missing(self, groups: dict[UUID, str]) -> list[Ask]:
        return [
            Ask(group, id_, CreateGroup(workspace_id=self._workspace_id, group_id=id_, name=name))
            for id_, name in groups.items()
            if self._streams.look(group, id_, self._workspace_id) == group.initial
        ]

    def _one(self, row: Row, asks: list[Ask]) -> RowOutcome:
        holder = self._holder(row.phone)
        try:
            if holder is None:
                return self._created(row, asks)
            return self._updated(row, holder, asks)
        except Rejected as rejected:
            return invalid(row.line, "", "", rejected.code, str(rejected))

    def _created(self, row: Row, asks: list[Ask]) -> RowOutcome:
        profile = Profile(phone=row.phone, **row.fields, attributes=row.attributes)
        check_profile(profile)
        id_, workspace_id = uuids.uuid7(), self._workspace_id
        add = AddContact(
            workspace_id=workspace_id, contact_id=id_, profile=profile, source="import"
        )
        claim = ClaimIdentifier(
            workspace_id=workspace_id, contact_id=id_, kind="phone", value=row.phone
        )
        asks.append(Ask(contact, id_, add))
        asks.append(Ask(identifier, self._identifier(row.phone), claim))
        self._join(id_, (self._group_id(name) for name in row.groups), asks)
        return RowOutcome(line=row.line, outcome="created", contact_id=id_)

    def _updated(self, row: Row, id_: UUID, asks: list[Ask]) -> RowOutcome:
        known = self._streams.look(contact, id_, self._workspace_id)
        if known.status == "deleted":
            reason = (
                f"{row.phone} belongs to {show('contact', id_)}, which is deleted; restore it first"
            )
            return invalid(row.line, row.column, row.value, "contact_deleted", reason)
        old: Profile = known.profile
        attributes = {**old.attributes, **row.attributes}
        profile = msgspec.structs.replace(old, **row.fields, attributes=attributes)
        joins = [g for g in map(self._group_id, row.groups) if g not in known.groups]
        if profile == old and not joins:
            return RowOutcome(line=row.line, outcome="duplicate", contact_id=id_)
        check_profile(profile)
        version, _ = self._streams.stands(id_)
        change = ChangeContact(workspace_id=self._workspace_id, contact_id=id_, profile=profile)
        # The new profile is made from this version of it, so it is only right for this version.
        asks.append(Ask(contact, id_, change, version))
        self._join(id_, joins, asks)
        return RowOutcome(line=row.line, outcome="updated", contact_id=id_)

    def _join(self, id_: UUID, groups: Iterable[UUID], asks: list[Ask]) -> None:
        for group_id in dict.fromkeys(groups):
            join = JoinGroup(workspace_id=self._workspace_id, contact_id=id_, group_id=group_id)
            asks.append(Ask(contact, id_, join))
