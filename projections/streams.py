"""What the read API keeps for its streams. It tells of the way facts are told and not of facts:
lost, it costs a reset, a sign-in or one delivery more.
"""

from sqlalchemy import BigInteger, Column

from projections.columns import instant, key, long_text, number, read_model

stream_trims = read_model(
    "stream_trims",
    key("workspace_id"),
    Column("position", BigInteger, nullable=False, server_default="0"),
)
"""Up to which position the items of a workspace are gone."""

stream_tickets = read_model(
    "stream_tickets",
    key("ticket_id"),
    long_text("principal"),
    instant("expires_at"),
)
"""One row for each ticket nobody has used; its id is a hash of what was shown."""

notification_deliveries = read_model(
    "notification_deliveries",
    key("workspace_id"),
    key("reader_id"),
    key("notification_id"),
    number("attempts"),
)
"""How often each reader was sent a notification."""

STREAM_TABLES = (stream_trims, stream_tickets, notification_deliveries)
