"""A contact file of 100,000 rows uploaded to the command API, and what its memory does meanwhile.

The floor inserts the very same facts by hand: multi-row statements, a flushed commit for as many
facts as a chunk of the file had.
"""

import re
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx2
import pymysql
import uuid_utils.compat as uuids
from sqlalchemy import Engine, insert, make_url

from commands.import_upload import CHUNK
from infra.database import connect
from infra.keys import new_key
from projections.workspaces import api_keys, workspaces
from tests.bench.figure import Figure
from tests.bench.ground import Ground
from tests.bench.serving import command_api

ROWS: Final = 100_000
WARMING: Final = 2_000
COMMIT: Final = 2 * CHUNK + 1
"""Facts of a chunk: a contact and its number for each row, and what became of the rows."""
_COLUMNS: Final = "position, stream_id, version, workspace_id, type, recorded_at, metadata, data"
_EVENT: Final = "(" + ",".join(["%s"] * 8) + ")"


def run(ground: Ground) -> Iterable[Figure]:
    store, read = ground.database("store"), ground.database("read")
    engine = connect(read, durable=False)
    key = _key(engine)
    engine.dispose()
    with command_api(store, read) as (port, process):
        _upload(port, key, 0, WARMING)
        before = _memory(process)["VmRSS"]
        seconds = _upload(port, key, WARMING, ROWS)
        memory = _memory(process)
    floors = [_floor(ground, store) for _ in range(2)]
    for url in (store, read):
        ground.drop(url)
    rate, floor = ROWS / seconds, median(floors)
    yield Figure(
        name="import_csv",
        value=rate,
        unit="rows/s",
        floor=floor,
        ratio=rate / floor,
        aim="in bounded memory",
        settings={
            "rows": ROWS,
            "chunk": CHUNK,
            "rss_mb": [before, memory["VmRSS"]],
            "rss_mb_most": memory["VmHWM"],
            "floor": "the same facts, multi-row insert",
        },
    )


def _key(engine: Engine) -> str:
    workspace_id, key_id = uuids.uuid7(), uuids.uuid7()
    shown, hashed = new_key()
    of = {"workspace_id": workspace_id}
    with engine.begin() as connection:
        connection.execute(insert(workspaces), {**of, "time_zone": "Asia/Jakarta", "country": "ID"})
        key = {**of, "key_id": key_id, "secret_hash": hashed, "scopes": '["read","write","send"]'}
        connection.execute(insert(api_keys), key)
    return shown


def _upload(port: int, key: str, first: int, rows: int) -> float:
    """How long it takes until all of it is stored and answered."""
    lines = (
        f"+62812{n:08},Name {n},Surname,name{n}@example.com,Bogor"
        for n in range(first, first + rows)
    )
    content = "\n".join(["phone,first_name,last_name,email,city", *lines, ""]).encode()
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "text/csv",
        "Idempotency-Key": f"file-{first}",
    }
    url = f"http://127.0.0.1:{port}/v1/contacts/import"
    started = time.perf_counter()
    answer = httpx2.post(url, content=content, headers=headers, timeout=600)
    seconds = time.perf_counter() - started
    if answer.status_code != 201 or answer.json()["counts"]["created"] != rows:
        raise RuntimeError(f"the import answered {answer.status_code}: {answer.text[:500]}")
    return seconds


def _memory(process: int) -> dict[str, int]:
    """Megabytes: now, and at most so far."""
    status = Path(f"/proc/{process}/status").read_text()
    return {name: int(kb) // 1024 for name, kb in re.findall(r"(VmRSS|VmHWM):\s+(\d+) kB", status)}


def _floor(ground: Ground, store: str) -> float:
    """The import's facts into an empty store, by hand: rows of the file a second."""
    bare = ground.database("store")
    with _connected(store) as source, _connected(bare) as target:
        batches = _batches(source)
        cursor = target.cursor()
        started = time.perf_counter()
        for batch in batches:
            values = [value for row in batch for value in row]
            cursor.execute(
                f"INSERT INTO events ({_COLUMNS}) VALUES " + ",".join([_EVENT] * len(batch)), values
            )
            target.commit()
        seconds = time.perf_counter() - started
    ground.drop(bare)
    return (ROWS + WARMING) / seconds


def _batches(source: Any) -> list[list[Any]]:
    cursor = source.cursor()
    cursor.execute(f"SELECT {_COLUMNS} FROM events ORDER BY position")
    rows = list(cursor.fetchall())
    return [rows[start : start + COMMIT] for start in range(0, len(rows), COMMIT)]


def _connected(url: str) -> Any:
    where = make_url(url)
    return pymysql.connect(
        host=where.host,
        port=where.port or 0,
        user=where.username,
        database=where.database,
    )
