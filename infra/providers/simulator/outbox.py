"""Posts webhook bodies: signed, several at once, retried until the receiver says 2xx."""

import asyncio
import hmac
import random
from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple

import aiohttp

from infra.providers.simulator.options import SimulatorOptions

HTTP_OK = 2  # the hundred that a status must belong to


class Body(NamedTuple):
    raw: bytes
    attempt: int = 0


class Outbox:
    """Nothing put in is dropped while it runs; without a receiver nothing is put in."""

    def __init__(self, options: Callable[[], SimulatorOptions]) -> None:
        self._options = options
        self._waiting: deque[Body] = deque()
        self._posters: set[asyncio.Task[None]] = set()
        self._retrying = 0
        self._in_flight = 0
        self._draining = 0
        self._stopped = False
        self._session: aiohttp.ClientSession | None = None
        self._chance = random.Random()  # noqa: S311  # spreads retries, guards nothing
        self.counts: Counter[str] = Counter()

    @property
    def pending(self) -> int:
        return len(self._waiting) + self._retrying + self._in_flight

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def stop(self) -> None:
        """What timers still hand in after this goes nowhere."""
        self._stopped = True
        for poster in tuple(self._posters):
            poster.cancel()
        await asyncio.gather(*self._posters, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def put(self, raw: bytes) -> None:
        if not self._options().webhook_url:
            self.counts["unsubscribed"] += 1
            return
        self._enqueue(Body(raw))

    def _enqueue(self, body: Body) -> None:
        if self._stopped:
            return
        self._waiting.append(body)
        # Counted by hand: a task that has left its loop is not yet done, but takes nothing more.
        if self._draining < self._options().webhook_concurrency:
            self._draining += 1
            poster = asyncio.get_running_loop().create_task(self._drain())
            self._posters.add(poster)
            poster.add_done_callback(self._posters.discard)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._deliver(self._waiting.popleft())
        finally:
            self._draining -= 1

    async def _deliver(self, body: Body) -> None:
        self._in_flight += 1
        try:
            taken = await self._post(body)
        finally:
            self._in_flight -= 1
        self.counts["sent" if taken else "failed"] += 1
        if not taken:
            self._retry_later(body)

    def _retry_later(self, body: Body) -> None:
        options = self._options()
        pause_ms = min(options.retry_base_ms * 2 ** min(body.attempt, 30), options.retry_max_ms)
        self._retrying += 1
        asyncio.get_running_loop().call_later(
            pause_ms / 1000 * self._chance.uniform(0.9, 1.1), self._retry, body
        )

    def _retry(self, body: Body) -> None:
        self._retrying -= 1
        self._enqueue(Body(body.raw, body.attempt + 1))

    async def _post(self, body: Body) -> bool:
        assert self._session is not None
        options = self._options()
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if options.app_secret:
            digest = hmac.new(options.app_secret.encode(), body.raw, "sha256").hexdigest()
            headers["X-Hub-Signature-256"] = f"sha256={digest}"
        try:
            async with self._session.post(
                options.webhook_url,
                data=body.raw,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=options.webhook_timeout_ms / 1000),
                allow_redirects=False,
            ) as answer:
                await answer.read()
                return answer.status // 100 == HTTP_OK
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
