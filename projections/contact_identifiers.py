"""By what each contact is known now: phone numbers and providers' ids. Each is one contact's."""

from sqlalchemy import Column, Index, String

from domain.identifier import IdentifierClaimed, IdentifierReleased
from domain.kernel import Recorded
from projections.columns import instant, key, read_model
from projections.projection import Projection
from projections.rows import Row, drop, put

contact_identifiers = read_model(
    "contact_identifiers",
    key("workspace_id"),
    key("contact_id"),
    Column("value", String(255), primary_key=True),
    Column("kind", String(16), primary_key=True),
    instant("claimed_at"),
    Index("ix_contact_identifiers_value", "workspace_id", "kind", "value"),
)

projection = Projection("contact_identifiers", contact_identifiers)


@projection.on
def claimed(event: IdentifierClaimed, recorded: Recorded) -> Row:
    return put(
        contact_identifiers,
        workspace_id=event.workspace_id,
        contact_id=event.contact_id,
        kind=event.kind,
        value=event.value,
        claimed_at=recorded.recorded_at,
    )


@projection.on
def released(event: IdentifierReleased, recorded: Recorded) -> Row:
    del recorded
    return drop(
        contact_identifiers,
        workspace_id=event.workspace_id,
        contact_id=event.contact_id,
        kind=event.kind,
        value=event.value,
    )
