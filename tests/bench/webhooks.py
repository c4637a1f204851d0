"""Status webhooks taken by the command API: signed, kept, flushed, answered.

Each body has one status, which is the most work; the floor is a bare application with the same
table, client and flush.
"""

import hmac
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import count, islice
from statistics import median
from typing import Final
from uuid import UUID

import pymysql
import uvloop
from sqlalchemy import make_url

from tests.bench.figure import Figure, percentile
from tests.bench.ground import Ground
from tests.bench.posting import Posted, post_all, request
from tests.bench.serving import command_api, serving
from tests.bench.webhook_floor import SECRET
from tests.installation import free_ports
from tests.webhook_bodies import body, status, statuses

PATH: Final = "/webhooks/whatsapp"
BODIES: Final = 5_000
WARMING: Final = 1_000
CLIENTS: Final = 64
ROUNDS: Final = 3
FULL: Final = 10
"""Statuses of a body when the provider has many to tell."""


def run(ground: Ground) -> Iterable[Figure]:
    ours, bare, read = ground.database("store"), ground.database("store"), ground.database("read")
    numbers, secret = count(), SECRET.decode()
    with (
        command_api(ours, read, BLAZZ_WHATSAPP_APP_SECRET=secret) as (port, _),
        _floor(bare) as bare_port,
    ):
        for one in (port, bare_port):  # until everybody is warm
            _post(one, numbers, WARMING)
        singles = [
            (_post(bare_port, numbers, BODIES), _post(port, numbers, BODIES)) for _ in range(ROUNDS)
        ]
        full = _post(port, numbers, BODIES // 2, FULL)
    kept = _rows(ours)
    for url in (ours, bare, read):
        ground.drop(url)
    if kept != WARMING + ROUNDS * BODIES + BODIES // 2:
        raise RuntimeError(f"{kept} bodies were kept")
    rates = [BODIES / posted.seconds for _, posted in singles]
    floors = [BODIES / posted.seconds for posted, _ in singles]
    each = sorted(ms for _, posted in singles for ms in posted.each_ms)
    yield Figure(
        name="webhooks",
        value=median(rates),
        unit="statuses/s",
        floor=median(floors),
        ratio=median(rate / floor for rate, floor in zip(rates, floors, strict=True)),
        p50_ms=percentile(each, 0.5),
        p99_ms=percentile(each, 0.99),
        aim="3,000; p99 50 ms",
        settings={
            "clients": CLIENTS,
            "statuses_a_body": 1,
            "floor_p99_ms": percentile(sorted(ms for p, _ in singles for ms in p.each_ms), 0.99),
            f"statuses/s_with_{FULL}_a_body": BODIES // 2 * FULL / full.seconds,
            "floor": "uvicorn, HMAC, batched insert",
        },
    )


def _post(port: int, numbers: Iterable[int], bodies: int, each: int = 1) -> Posted:
    requests = [_signed(port, numbers, each) for _ in range(bodies)]
    return uvloop.run(post_all(port, requests, CLIENTS))


def _signed(port: int, numbers: Iterable[int], each: int) -> bytes:
    found = [status(UUID(int=n), "delivered", f"wamid.{n}") for n in islice(numbers, each)]
    content = body(statuses(*found))
    signature = "sha256=" + hmac.new(SECRET, content, sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
    return request(f"127.0.0.1:{port}", PATH, headers, content)


@contextmanager
def _floor(store: str) -> Iterator[int]:
    (port,) = free_ports(1)
    arguments = [sys.executable, "-m", "tests.bench.webhook_floor", store, str(port)]
    with serving(arguments, port, {}):
        yield port


def _rows(url: str) -> int:
    where = make_url(url)
    with pymysql.connect(
        host=where.host, port=where.port or 0, user=where.username, database=where.database
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT COUNT(*) FROM webhook_inbox")
        ((rows,),) = cursor.fetchall()
    return int(rows)
