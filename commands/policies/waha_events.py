"""One event of WAHA: what it is called, of which session, since when."""

from datetime import datetime
from typing import NamedTuple

from commands.policies.waha_shape import instant
from commands.policies.whatsapp_shape import Value, object_in, text_in


class Event(NamedTuple):
    """`own_id` is the number itself, as far as the envelope says."""

    name: str
    session: str
    at: datetime
    own_id: str
    payload: Value


def event_of(name: str, envelope: Value) -> Event:
    """The envelope, read. Some releases of WAHA say the time inside of it only."""
    payload, me = object_in(envelope, "payload"), envelope.get("me")
    steps = payload.get("statuses")
    last = steps[-1] if isinstance(steps, list) and steps else None
    inner = last.get("timestamp") if isinstance(last, dict) else None
    said = envelope.get("timestamp") or payload.get("timestamp") or inner
    own_id = me.get("id") if isinstance(me, dict) else ""
    return Event(
        name,
        text_in(envelope, "session"),
        instant(said, "timestamp"),
        own_id if isinstance(own_id, str) else "",
        payload,
    )


def when(event: Event, said: Value) -> datetime:
    """Its own time, or else the event's."""
    return instant(said["timestamp"], "timestamp") if said.get("timestamp") else event.at
