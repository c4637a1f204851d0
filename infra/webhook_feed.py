"""Feeds a folder of recorded webhook payloads to the webhook endpoint, signed as the provider
signs, and says what became of each: turned into facts, or kept and why.
"""

import asyncio
import hmac
import json
import time
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import aiohttp
from sqlalchemy import Engine, select

from infra.event_store.tables import webhook_inbox

TIMEOUT_S: Final = 15.0
AT_ONCE: Final = 8
OK: Final = 200
DIGESTS: Final = 500
WORDS: Final = {
    "done": "turned into facts",
    "kept": "kept",
    "waiting": "waits for its message",
    "new": "not looked at yet",
    "": "not taken",
}


class NothingToFeed(ValueError):
    """The folder has no JSON file; the message names it."""


class Fed(NamedTuple):
    """One payload: the endpoint's HTTP status (0: none), the inbox's state, and the reason."""

    name: str
    status: int
    state: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {WORDS[self.state]}{f' ({self.reason})' if self.reason else ''}"


class Payload(NamedTuple):
    name: str
    body: bytes


def feed(
    folder: Path, url: str, app_secret: str, store: Engine, patience_s: float = 10.0
) -> list[Fed]:
    """Posts every payload to `url` and waits until the inbox of `store` has been worked through.

    A file holds one payload, or several by name. NothingToFeed if there is no file at all.
    """
    payloads, unreadable = read_folder(folder)
    return sorted([*unreadable, *feed_all(payloads, url, app_secret, store, patience_s)])


def feed_all(
    payloads: Sequence[Payload],
    url: str,
    app_secret: str,
    store: Engine,
    patience_s: float = 10.0,
    at_once: int = AT_ONCE,
) -> list[Fed]:
    """The same with these payloads, in their order."""
    answers = asyncio.run(_post_all(payloads, url, app_secret, at_once))
    taken = [
        payload for payload, (status, _) in zip(payloads, answers, strict=True) if status == OK
    ]
    states = _outcomes(store, taken, patience_s)
    fed = []
    for payload, (status, words) in zip(payloads, answers, strict=True):
        state, reason = states.get(sha256(payload.body).digest(), ("", words))
        fed.append(Fed(payload.name, status, state, reason))
    return fed


def summary(fed: Sequence[Fed]) -> str:
    """A line for each payload, and how many ended how."""
    ends = Counter(WORDS[one.state] for one in fed)
    total = ", ".join(f"{count} {words}" for words, count in sorted(ends.items()))
    return "\n".join([*map(str, fed), f"{len(fed)} payloads: {total}"])


def read_folder(folder: Path) -> tuple[list[Payload], list[Fed]]:
    """The payloads of every JSON file, and the files that could not be read."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise NothingToFeed(
            f"{folder} has no .json file; a folder of webhook payloads was expected"
        )
    payloads: list[Payload] = []
    unreadable: list[Fed] = []
    for file in files:
        try:
            payloads += _payloads(file.stem, json.loads(file.read_bytes()))
        except (OSError, ValueError, RecursionError) as error:
            unreadable.append(Fed(file.name, 0, "", f"no JSON: {error}"))
    return payloads, unreadable


def _payloads(name: str, content: Any) -> list[Payload]:
    several = isinstance(content, dict) and content and "object" not in content
    if several and all(isinstance(one, dict) for one in content.values()):
        return [Payload(f"{name}/{key}", encoded(one)) for key, one in content.items()]
    return [Payload(name, encoded(content))]


def encoded(content: Any) -> bytes:
    """The bytes that are posted."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


async def _post_all(
    payloads: Sequence[Payload], url: str, app_secret: str, at_once: int
) -> list[tuple[int, str]]:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    connector = aiohttp.TCPConnector(limit=at_once)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        posts = (_post(session, url, app_secret, payload.body) for payload in payloads)
        return list(await asyncio.gather(*posts))


async def _post(
    session: aiohttp.ClientSession, url: str, app_secret: str, body: bytes
) -> tuple[int, str]:
    digest = hmac.new(app_secret.encode(), body, sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            return response.status, f"HTTP {response.status}"
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return 0, f"{url} does not answer: {error or type(error).__name__}"


def _outcomes(
    store: Engine, payloads: Sequence[Payload], patience_s: float
) -> dict[bytes, tuple[str, str]]:
    """By digest of the body: state and reason, as soon as none is new any more."""
    digests = list({sha256(payload.body).digest() for payload in payloads})
    deadline = time.monotonic() + patience_s
    while True:
        found = _states(store, digests)
        done = all(state != "new" for state, _ in found.values())
        if done or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def _states(store: Engine, digests: Sequence[bytes]) -> dict[bytes, tuple[str, str]]:
    c, found = webhook_inbox.c, dict[bytes, tuple[str, str]]()
    with store.connect() as connection:
        for start in range(0, len(digests), DIGESTS):
            some = digests[start : start + DIGESTS]
            statement = select(c.dedupe_key, c.state, c.reason).where(c.dedupe_key.in_(some))
            for key, state, reason in connection.execute(statement):
                found[bytes(key)] = (state, reason)
    return found
