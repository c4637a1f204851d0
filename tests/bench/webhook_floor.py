"""What taking webhooks costs without Blazz: uvicorn, the signature, rows inserted in batches."""

import asyncio
import gc
import hmac
import sys
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import pymysql
import uvicorn
from sqlalchemy import make_url

SECRET: Final = b"simulator-app-secret"
SWITCH_S: Final = 0.0005
"""The thread that inserts and the loop that answers must not wait long for each other."""
_INSERT: Final = (
    "INSERT INTO webhook_inbox (dedupe_key, received_at, signature_ok, body, state, reason,"
    " attempts, next_try_at) VALUES (%s, %s, 1, %s, 'new', '', 0, %s)"
    " ON DUPLICATE KEY UPDATE attempts = attempts"
)


class Floor:
    """An ASGI application of one endpoint."""

    def __init__(self, url: str) -> None:
        where = make_url(url)
        self._connection = pymysql.connect(
            host=where.host, port=where.port or 0, user=where.username, database=where.database
        )
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        given = dict(scope["headers"]).get(b"x-hub-signature-256", b"").decode()
        right = "sha256=" + hmac.new(SECRET, body, sha256).hexdigest()
        status = 401
        if hmac.compare_digest(given, right):
            await self._keep(body)
            status = 200
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _keep(self, body: bytes) -> None:
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, kept))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await kept

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await asyncio.to_thread(self._insert, [body for body, _ in batch])
            for _, kept in batch:
                kept.set_result(None)
        self._writer = None

    def _insert(self, bodies: list[bytes]) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        rows = [(sha256(body).digest(), now, body, now) for body in bodies]
        self._connection.cursor().executemany(_INSERT, rows)
        self._connection.commit()


if __name__ == "__main__":
    database, port = sys.argv[1:]
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    uvicorn.run(
        Floor(database),
        port=int(port),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
    )
