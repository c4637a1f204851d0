"""Refusals that several aggregates share, worded alike: what, which value, what would be right."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from domain.ids import PREFIXES, show
from domain.kernel import Rejected

NAME_LENGTH: Final = 128


def not_found(kind: str, id_: UUID) -> Rejected:
    """Nothing has been recorded under that id."""
    shown = show(kind, id_) if kind in PREFIXES else id_.hex
    return Rejected("not_found", f"there is no {kind} {shown}")


def exists(kind: str, id_: UUID, advice: str = "it stays as it is") -> Rejected:
    """Making it again is fine only with the very same contents; `advice` is what can be done."""
    return Rejected(
        f"{kind}_exists",
        f"{kind} {show(kind, id_)} exists already with other contents; {advice}",
    )


def wrong_state(kind: str, status: str, wanted: str, possible: str) -> Rejected:
    """`wanted` is a verb phrase; `possible` names the states from which it could be done."""
    return Rejected(
        "wrong_state", f"a {kind} that is {status} cannot {wanted}; it would have to be {possible}"
    )


def check_name(kind: str, name: str, *, optional: bool = False) -> None:
    """A name is 1 to 128 characters and not just spaces; an optional one may be empty."""
    if optional and not name:
        return
    if not name.strip() or len(name) > NAME_LENGTH:
        found = f"{len(name)} characters" if name.strip() else f"a blank {name!r}"
        raise Rejected(
            "invalid_name",
            f"the name of a {kind} has 1 to {NAME_LENGTH} characters and is not blank; "
            f"this is {found}",
        )


def provider_instant(at: datetime) -> datetime:
    """The instant of a report, in UTC."""
    if at.tzinfo is None:
        raise Rejected(
            "invalid_time",
            f"a report has an instant with its offset from UTC; {at.isoformat()} has none",
        )
    return at.astimezone(UTC)
