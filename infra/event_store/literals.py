"""What goes into MySQL's statements as text: rows, receipts and keys, quoted as they must be."""

from binascii import hexlify
from typing import Final

from infra.event_store.batch import Batch, Key, Row, receipt_stands_at

_LAST: Final = b"(SELECT COALESCE(MAX(%b), 0) FROM events WHERE stream_id = 0x%b)"


def row_literal(row: Row, around: bytes) -> bytes:
    """A fact up to its position; `around` is its metadata as a literal."""
    stream, version, workspace, type_, recorded_at, _, data = row
    return b"(0x%b,%d,0x%b,%b,'%b',%b,%b," % (
        hexlify(stream),
        version,
        hexlify(workspace),
        _text(type_),
        recorded_at.encode(),
        around,
        bytes_literal(data),
    )


def receipt_literal(batch: Batch, to_end: int) -> bytes:
    """A receipt, where `to_end` facts of the commit are its own batch's or come after."""
    receipt, at = batch.receipt, receipt_stands_at(batch)
    assert receipt is not None
    values = b"(0x%b,%b,%b,%b,%d,%b,'%b'," % (
        hexlify(receipt.workspace_id.bytes),
        _text(receipt.route),
        _text(receipt.key),
        _text(receipt.fingerprint),
        receipt.status,
        _text(receipt.target),
        batch.recorded_at.encode(),
    )
    if at is not None:
        place = (batch.rows[at].version, to_end - 1 - at)
        return values + b"%d,LAST_INSERT_ID()-%d)" % place
    stream = hexlify(receipt.stream_id.bytes)
    return values + b"%b,%b)" % (_LAST % (b"version", stream), _LAST % (b"position", stream))


def key_literal(key: Key) -> bytes:
    """An idempotency key, to be compared with three columns."""
    workspace, route, text = key
    return b"(0x%b,%b,%b)" % (hexlify(workspace), _text(route), _text(text))


def _text(text: str) -> bytes:
    return b"'" + _escaped(text.encode()) + b"'"


def bytes_literal(data: bytes) -> bytes:
    """Bytes, whatever they hold."""
    return b"_binary'" + _escaped(data) + b"'"


def _escaped(data: bytes) -> bytes:
    """For a literal under utf8mb4, where no part of a longer character looks like these two."""
    if b"\\" in data:
        data = data.replace(b"\\", b"\\\\")
    return data.replace(b"'", b"''") if b"'" in data else data
