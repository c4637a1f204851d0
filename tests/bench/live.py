"""From the commit of a read model to 500 streams of one process, all of which show the change.

The floor is a bare aiohttp application that is told of each push by a request.
"""

import asyncio
import re
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import aiohttp
import uvloop
from sqlalchemy import insert

from domain.contact import ContactAdded, Profile
from domain.wire import LogRecord, encode, type_of
from infra.bell import Bell
from infra.database import connect
from infra.keys import new_key
from projections import live
from projections.checkpoints import PARTITIONS, partition_of
from projections.entries import chained
from projections.sink import Sink
from projections.workspaces import api_keys, workspaces
from tests.bench.figure import Figure, percentile
from tests.bench.ground import Ground
from tests.bench.serving import serving
from tests.installation import command, free_ports
from tests.spec import NOW

STREAMS: Final = 500
PUSHES: Final = 150
PAUSE_S: Final = 0.05
PATIENCE_S: Final = 20.0
IDLE_S: Final = 5.0
TICKS_A_SECOND: Final = 100
PERSON: Final = Profile(phone="+4930123456")

Taken = dict[str, list[float]]
Push = Callable[[UUID], Awaitable[float]]
"""Brings about what the streams will show with that id; when it was done."""


def run(ground: Ground) -> Iterable[Figure]:
    read = ground.database("read")
    port, bare = free_ports(2)
    settings = {"BLAZZ_LOG_LEVEL": "warning", "BLAZZ_READ_URL": read, "BLAZZ_READ_PORT": str(port)}
    floor = [sys.executable, "-m", "tests.bench.live_floor", str(bare)]
    with serving(command("read-api"), port, settings) as process, serving(floor, bare, {}):
        taken = uvloop.run(_measure(read, port, bare, process))
    ground.drop(read)
    ours, floors, last = (sorted(taken[name]) for name in ("ours", "floor", "last"))
    p99, floor_p99 = percentile(ours, 0.99), percentile(floors, 0.99)
    yield Figure(
        name="live",
        value=p99,
        unit="ms (p99)",
        floor=floor_p99,
        ratio=p99 / floor_p99,
        p50_ms=percentile(ours, 0.5),
        p99_ms=p99,
        aim="p99 50 ms, 120 MB",
        settings={
            "less_is_better": True,
            "streams": STREAMS,
            "pushes_to_all_of_them": PUSHES,
            "slowest_stream_p50_ms": percentile(last, 0.5),
            "rss_mb_without_streams": taken["rss"][0],
            "rss_mb": taken["rss"][1],
            "idle_cpu_percent": taken["idle"][0],
            "floor": "aiohttp, told by a request",
            "floor_p50_ms": percentile(floors, 0.5),
        },
    )


async def _measure(read: str, port: int, bare: int, process: int) -> Taken:
    workspace_id, key = _company(read)
    taken: Taken = {"ours": [], "floor": [], "last": [], "rss": [_rss_mb(process)]}
    headers = {"Authorization": f"Bearer {key}"}
    ours = await _streams(port, "/v1/stream?topics=contacts", headers)
    floors = await _streams(bare, "/stream", {})
    began = _cpu_s(process)
    await asyncio.sleep(IDLE_S)
    taken["idle"] = [100 * (_cpu_s(process) - began) / IDLE_S]
    commit = _committing(read, workspace_id)
    async with aiohttp.ClientSession() as http:
        for _ in range(PUSHES):
            each = await _pushed(ours, commit)
            taken["ours"] += each
            taken["last"].append(max(each))
            taken["floor"] += await _pushed(floors, _posting(http, bare))
            await asyncio.sleep(PAUSE_S)
    taken["rss"].append(_rss_mb(process))
    for stream in [*ours, *floors]:
        stream.transport.close()
    return taken


class Stream(asyncio.Protocol):
    """Notes when what it waits for has come."""

    transport: Any

    def __init__(self, ask: bytes) -> None:
        self._ask, self.wanted, self.at = ask, b": open", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.transport.write(self._ask)

    def data_received(self, data: bytes) -> None:
        if self.wanted and self.wanted in data:
            self.at, self.wanted = time.monotonic(), b""


async def _streams(port: int, path: str, headers: Mapping[str, str]) -> list[Stream]:
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    ask = ("\r\n".join(lines) + "\r\n\r\n").encode()
    loop, streams = asyncio.get_running_loop(), list[Stream]()
    for _ in range(STREAMS):
        _, stream = await loop.create_connection(lambda: Stream(ask), "127.0.0.1", port)
        streams.append(stream)
    await _all_have(streams)
    return streams


async def _pushed(streams: Sequence[Stream], push: Push) -> list[float]:
    """Milliseconds until each stream had it."""
    id_ = uuid4()
    for stream in streams:
        stream.wanted = id_.hex.encode()
    began = await push(id_)
    await _all_have(streams)
    return [max(0.0, stream.at - began) * 1000 for stream in streams]


async def _all_have(streams: Sequence[Stream]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while lacking := sum(1 for stream in streams if stream.wanted):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{lacking} of {len(streams)} streams were not told")
        await asyncio.sleep(0.005)


def _company(read: str) -> tuple[UUID, str]:
    """A workspace and a key of its own."""
    workspace_id, (shown, hashed) = uuid4(), new_key()
    row = {"workspace_id": workspace_id, "key_id": uuid4(), "secret_hash": hashed}
    engine = connect(read, durable=False)
    with engine.begin() as connection:
        connection.execute(insert(workspaces), {"workspace_id": workspace_id, "name": "Streams"})
        connection.execute(insert(api_keys), {**row, "scopes": '["read"]'})
    engine.dispose()
    return workspace_id, shown


def _committing(read: str, workspace_id: UUID) -> Push:
    """A contact more in the read models, by the sink that writes to them everywhere."""
    engine = connect(read, durable=False)
    sink = Sink(engine, [live.projection], PARTITIONS, bell=Bell(engine.url, "rows"))
    partition, position = partition_of(workspace_id, PARTITIONS), 0

    async def commit(id_: UUID) -> float:
        nonlocal position
        about = {"workspace_id": workspace_id, "contact_id": id_}
        event = ContactAdded(**about, profile=PERSON, source="api")
        position += 1
        record = LogRecord(position, workspace_id, id_, 1, type_of(event), NOW, b"", encode(event))
        await asyncio.to_thread(sink.apply, partition, chained([record], position - 1))
        return time.monotonic()

    return commit


def _posting(http: aiohttp.ClientSession, port: int) -> Push:
    """The same bytes, to the floor."""

    async def post(id_: UUID) -> float:
        body = f'id: 1\r\ndata: {{"kind":"contact_added","contact_id":"con_{id_.hex}"}}\r\n\r\n'
        began = time.monotonic()
        async with http.post(f"http://127.0.0.1:{port}/push", data=body.encode()) as answer:
            await answer.read()
        return began

    return post


def _rss_mb(process: int) -> float:
    (kb,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(kb) / 1024


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
