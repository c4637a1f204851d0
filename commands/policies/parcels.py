"""Files of replies, handed to the provider before their message is tried.

Nothing is recorded of it, for nobody gets to see a file by that: whoever is killed in between does
it again. What a provider calls a file is good for a month, and for every message of the number.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID
from weakref import WeakValueDictionary

from commands.policies.claim import Claim
from commands.policies.ports import Answer, Attachment, Outbound, Provider, Refused
from commands.policies.reactions import LONGEST_REASON, Number, outbound
from domain.file_storage import FileStorage
from domain.message import Attached, Content

GOOD_FOR_S: Final = 29 * 24 * 3600.0
MOST_KNOWN: Final = 10_000
AT_ONCE: Final = 8

log = logging.getLogger("blazz.sender")

Key = tuple[UUID, str, str]


class Parcel(NamedTuple):
    """A file that may be sent now, or why the provider did not take it."""

    file: Attachment
    refused: Refused | None = None
    reused: bool = False
    """It was handed over for a message before this one."""


class Parcels:
    """Of all numbers of a sender; in one event loop."""

    def __init__(
        self,
        provider: Provider,
        files: FileStorage,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider, self._files, self._clock = provider, files, clock
        self._known: dict[Key, tuple[str, float]] = {}
        self._handing: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()
        self._room = asyncio.Semaphore(AT_ONCE)

    async def pack(self, number: Number, claim: Claim, content: Content) -> Parcel:
        """The file of that message. Whatever is wrong with it stands in the answer."""
        file = self._attachment(claim.workspace_id, content)
        assert content.file is not None, "asked for a message without a file"
        key = _key(number, content.file)
        lock = self._handing.setdefault(key, asyncio.Lock())
        async with lock:
            media_id, until = self._known.get(key, ("", 0.0))
            if self._clock() < until:
                return Parcel(file._replace(media_id=media_id), reused=True)
            async with self._room:
                found = await self._handed_over(outbound(number, claim, content, file))
            if isinstance(found, Refused):
                return Parcel(file, found)
            if found:
                self._keep(key, found)
            return Parcel(file._replace(media_id=found))

    def judged(self, number: Number, content: Content, parcel: Parcel, answer: Answer) -> Answer:
        """A file that is not taken any more is handed over anew, and its message tried again."""
        if content.file is None or not parcel.reused:
            return answer
        if not isinstance(answer, Refused) or answer.error_class != "M":
            return answer
        self._known.pop(_key(number, content.file), None)
        return answer._replace(error_class="B")

    async def _handed_over(self, message: Outbound) -> str | Refused:
        """Nothing has left by it, so whatever is unclear may be done again."""
        try:
            found = await self._provider.hand_over(message)
        except Exception as error:
            log.exception("the provider's adapter failed")
            return Refused("B", 0, f"the adapter failed: {error!r}"[:LONGEST_REASON])
        return found if isinstance(found, str | Refused) else Refused("B", 0, found.reason)

    def _keep(self, key: Key, media_id: str) -> None:
        while len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[key] = media_id, self._clock() + GOOD_FOR_S

    def _attachment(self, workspace_id: UUID, content: Content) -> Attachment:
        file = content.file
        assert file is not None
        opened = partial(self._files.open, workspace_id, file.sha256)
        return Attachment(file.mime_type, content.filename or content.kind, file.size, opened)


def _key(number: Number, file: Attached) -> Key:
    """The same bytes of the same type are the same file, whoever uploaded them."""
    return number.account_id, file.sha256, file.mime_type
