"""Who of a flush may be stored: each append is checked against the database and those before it."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from commands.store import ReceiptExists, VersionConflict
from infra.event_store.batch import Batch, Key, key_of

Refusal = ReceiptExists | VersionConflict


def verdicts(
    batches: Iterable[Batch], heads: dict[bytes, int], spent: set[Key]
) -> Iterator[Refusal | None]:
    """For each batch None, or why it must stay out. `heads` are the versions stored now.

    What is let in counts for those after it (in `heads` and `spent`); what stays out does not.
    """
    for batch in batches:
        refusal = _refusal(batch, heads, spent)
        yield refusal
        if refusal is None:
            if batch.receipt:
                spent.add(key_of(batch.receipt))
            for row in batch.rows:
                if row.version > heads.get(row.stream_id, 0):
                    heads[row.stream_id] = row.version


def _refusal(batch: Batch, heads: dict[bytes, int], spent: set[Key]) -> Refusal | None:
    if batch.receipt and key_of(batch.receipt) in spent:
        # Before the streams: an equal request is a repetition rather than a rival.
        return ReceiptExists(batch.receipt.key)
    for stream, expected in batch.heads.items():
        head = heads.get(stream, 0 if batch.exact else expected)
        if head != expected if batch.exact else head > expected:
            return VersionConflict(UUID(bytes=stream))
    return None
