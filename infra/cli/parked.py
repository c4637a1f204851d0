"""`blazz parked`: records that could not be projected, with their reasons, and trying them again."""

import sys
from uuid import UUID

import orjson
from sqlalchemy import select

from infra.database import connect
from infra.settings import Settings
from projections.all import ALL
from projections.checkpoints import parked
from projections.retry import retry

WRONG_USE = 2


def show_parked(settings: Settings, *, as_json: bool) -> int:
    """One line a record, in the order of the log."""
    c = parked.c
    columns = (c.projection, c.partition, c.position, c.stream_id, c.type, c.parked_at, c.reason)
    statement = select(*columns).order_by(c.position, c.projection)
    with connect(settings.read_url, durable=False).connect() as connection:
        for found in connection.execute(statement):
            row = {"".join(name): value for name, value in found._mapping.items()}  # noqa: SLF001
            if as_json:
                line = orjson.dumps(row).decode()
            else:
                line = "  ".join(f"{name} {value}" for name, value in row.items())
            sys.stdout.write(line + "\n")
    return 0


def retry_parked(settings: Settings, stream: str, *, as_json: bool) -> int:
    """0 if nothing is parked any more, 1 if something still is, 2 for a stream that is none."""
    try:
        stream_id = UUID(stream) if stream else None
    except ValueError:
        sys.stderr.write(f"--stream {stream}: not a stream id; `blazz parked list` shows them\n")
        return WRONG_USE
    done = retry(connect(settings.read_url, durable=False), ALL, stream_id)
    if as_json:
        sys.stdout.write(orjson.dumps(done._asdict()).decode() + "\n")
    else:
        sys.stdout.write(f"{done.applied} applied, {done.left} still parked\n")
    return 1 if done.left else 0
