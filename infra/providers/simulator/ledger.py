"""A simulator's ledger as it is read: a line of JSON for each message, in order."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
from starlette.responses import Response, StreamingResponse

CHUNK = 2000


def listed(ledger: Sequence[Any], offset: int) -> Response:
    """Its named tuples, without the first `offset` of them."""
    return StreamingResponse(_lines(ledger, offset), media_type="application/x-ndjson")


async def _lines(ledger: Sequence[Any], start: int) -> AsyncIterator[bytes]:
    end = len(ledger)
    for at in range(start, end, CHUNK):
        lines = ledger[at : min(at + CHUNK, end)]
        yield b"".join(
            orjson.dumps(line._asdict(), option=orjson.OPT_APPEND_NEWLINE) for line in lines
        )
