"""Facts of one campaign message, as the deciders would state them, for read models to show."""

from datetime import timedelta

from domain import campaign as cmp
from domain import message as msg
from tests.examples import of_campaign, of_message
from tests.spec import NOW

LATER = NOW + timedelta(minutes=5)

sent = msg.MessageSent(**of_message, status="sent", newly=("sent",), at=LATER, wamid="wamid.1")
delivered = msg.MessageDelivered(
    **of_message, status="delivered", newly=("delivered",), at=LATER, delivery_ms=2500
)
read = msg.MessageRead(**of_message, status="read", newly=("read",), at=LATER)
read_first = msg.MessageRead(
    **of_message,
    status="read",
    newly=("sent", "delivered", "read"),
    at=LATER,
    delivery_ms=4000,
)
played = msg.MessagePlayed(**of_message, status="played", newly=("played",), at=LATER)
failed = msg.MessageFailed(
    **of_message, status="failed", newly=("failed",), at=LATER, code=131026, reason="undeliverable"
)
refused = msg.MessageRejected(
    **of_message,
    status="failed",
    newly=("failed",),
    no_longer=("pending",),
    attempt=1,
    error_class="R",
    code=131026,
    reason="not on WhatsApp",
)
put_off = msg.MessageRejected(
    **of_message,
    status="queued",
    attempt=1,
    error_class="T",
    code=130429,
    reason="too fast",
    retry_at=LATER,
)
unknown = msg.MessageOutcomeUnknown(
    **of_message,
    status="unknown",
    newly=("unknown",),
    no_longer=("pending",),
    attempt=1,
    reason="timeout",
)
found_out = msg.MessageSent(
    **of_message, status="sent", newly=("accepted", "sent"), no_longer=("unknown",), at=LATER
)
suppressed = msg.MessageSuppressed(
    **of_message, status="suppressed", newly=("suppressed",), reason="opted_out"
)
withheld = msg.MessageSuppressed(
    **of_message,
    status="suppressed",
    newly=("suppressed",),
    no_longer=("pending",),
    reason="blocked",
)
called_off = msg.MessageCancelled(
    **of_message,
    status="cancelled",
    newly=("cancelled",),
    no_longer=("pending",),
    reason="campaign cancelled",
)
expired = msg.MessageExpired(
    **of_message, status="expired", newly=("expired",), no_longer=("unknown",)
)

scheduled = cmp.CampaignScheduled(**of_campaign, due_at=LATER, was="draft")
paused = cmp.CampaignPaused(**of_campaign, reason="quality")
resumed = cmp.CampaignResumed(**of_campaign)
cancelled = cmp.CampaignCancelled(**of_campaign, reason="mistake", was="running")
completed = cmp.CampaignCompleted(**of_campaign, recipients=3, was="running")
broken = cmp.CampaignFailed(**of_campaign, reason="template disabled", was="paused")


def chunk(number, *, through, last=False, so_far=2):
    return cmp.CampaignAudienceQueued(
        **of_campaign,
        chunk=number,
        queued=2,
        suppressed=0,
        through=through,
        last=last,
        recipients_so_far=so_far,
    )
