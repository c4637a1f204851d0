"""Posts events to the webhooks of a session: signed, repeated by the policy it was given."""

import asyncio
import hmac
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec

from infra.providers.waha_simulator.options import WahaOptions

HTTP_OK = 2  # the hundred that a status must belong to
JITTER = 0.2


class Hmac(msgspec.Struct, frozen=True):
    key: str | None = None


class Retries(msgspec.Struct, frozen=True):
    policy: str = "constant"
    delaySeconds: float = 2.0  # noqa: N815  # WAHA's own name
    attempts: int = 15


class Webhook(msgspec.Struct, frozen=True):
    """One receiver of a session, as its configuration has it."""

    url: str
    events: tuple[str, ...] = ()
    hmac: Hmac | None = None
    retries: Retries | None = None

    def wants(self, event: str) -> bool:
        return event in self.events or "*" in self.events

    def pause_s(self, attempt: int) -> float:
        """In WAHA's seconds; attempts count from 1."""
        retries = self.retries or Retries()
        match retries.policy:
            case "linear":
                return retries.delaySeconds * attempt
            case "exponential":
                return retries.delaySeconds * 2 ** (attempt - 1)
        return retries.delaySeconds


class Hooks:
    def __init__(self, options: Callable[[], WahaOptions]) -> None:
        self._options = options
        self._posting: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._chance = random.Random()  # noqa: S311  # spreads retries, guards nothing
        self.counts: Counter[str] = Counter()

    @property
    def pending(self) -> int:
        return len(self._posting)

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def stop(self) -> None:
        for task in tuple(self._posting):
            task.cancel()
        await asyncio.gather(*self._posting, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def put(self, webhook: Webhook, event: str, body: bytes) -> None:
        """To be posted now, and again until it is taken or its attempts are used up."""
        if not webhook.wants(event):
            return
        task = asyncio.get_running_loop().create_task(self._deliver(webhook, body))
        self._posting.add(task)
        task.add_done_callback(self._posting.discard)

    async def _deliver(self, webhook: Webhook, body: bytes) -> None:
        request_id = uuid.uuid4().hex
        attempts = (webhook.retries or Retries()).attempts
        for attempt in range(1, attempts + 2):
            if await self._post(webhook, body, request_id):
                self.counts["sent"] += 1
                if self._chance.random() < self._options().repeat:
                    self.counts["repeated"] += 1
                    await self._post(webhook, body, request_id)
                return
            self.counts["failed"] += 1
            if attempt > attempts:
                break
            second_s = self._options().retry_second_ms / 1000
            spread = self._chance.uniform(1 - JITTER, 1 + JITTER)
            await asyncio.sleep(webhook.pause_s(attempt) * second_s * spread)
        self.counts["lost"] += 1

    async def _post(self, webhook: Webhook, body: bytes, request_id: str) -> bool:
        assert self._session is not None
        headers: dict[str, Any] = {
            "Content-Type": "application/json",
            "X-Webhook-Request-Id": request_id,
            "X-Webhook-Timestamp": str(time.time_ns() // 1_000_000),
        }
        if webhook.hmac and webhook.hmac.key:
            digest = hmac.new(webhook.hmac.key.encode(), body, "sha512").hexdigest()
            headers |= {"X-Webhook-Hmac": digest, "X-Webhook-Hmac-Algorithm": "sha512"}
        timeout = aiohttp.ClientTimeout(total=self._options().webhook_timeout_ms / 1000)
        try:
            async with self._session.post(
                webhook.url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                await answer.read()
                return answer.status // 100 == HTTP_OK
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
