"""Fetches the files of messages that came in, several at once, each until it is stored or given up.

The bytes are kept before the fact is, under their own digest, so fetching may be cut off anywhere;
two processes at once do the same work twice.
"""

import asyncio
import logging
import threading
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, exists

from commands.execute import Ask, execute_many
from commands.policies.fetching import Failed, Fetched, fetched
from commands.policies.files_ports import Fetcher
from commands.policies.wanted_files import Wanted, wanted_behind
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.file import FileCommand, GiveUpFile, StoreFile, file
from domain.file_storage import FileStorage
from projections.files import WAITS

AT_ONCE: Final = 8
PAGE: Final = 200
TRIES: Final = 10
FIRST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(hours=2)
"""Each wait is four times the one before: ten tries take eight hours."""
SETTLED: Final = timedelta(seconds=30)
OLDEST: Final = timedelta(days=30)

log = logging.getLogger("blazz.policies")


class Tried(NamedTuple):
    """How often a file was asked for in vain, by this process, and when it is asked for next."""

    times: int
    again_at: datetime


class FilesPolicy:
    name: Final = "files"
    pending = exists().where(WAITS)

    def __init__(
        self, store: EventStore, read: Engine, zones: Zones, fetcher: Fetcher, storage: FileStorage
    ) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._fetcher, self._storage = fetcher, storage
        self._ended = SimpleQueue[tuple[Wanted, Fetched | Failed]]()
        self._under_way, self._tried = set[UUID](), dict[UUID, Tried]()
        self._behind = 0

    def step(self, now: datetime) -> int:
        """How many files were stored or given up. It does not wait for those under way."""
        commands = [command for ended in self._taken() if (command := self._end(*ended, now))]
        for wanted in self._due(now):
            if wanted.at < now - OLDEST:
                why = f"it is older than {OLDEST.days} days"
                commands.append(_given_up(wanted, why, gone=True))
            elif len(self._under_way) < AT_ONCE:
                self._begin(wanted)
        groups = [[Ask(file, command.file_id, command)] for command in commands]
        metadata = [self._zones.metadata(command.workspace_id, self.name) for command in commands]
        execute_many(self._store, groups, metadata, now)
        return len(commands)

    def _begin(self, wanted: Wanted) -> None:
        """In a thread that the end of the process does not wait for."""
        self._under_way.add(wanted.file_id)
        threading.Thread(target=self._fetch, args=(wanted,), name="file", daemon=True).start()

    def _fetch(self, wanted: Wanted) -> None:
        try:
            found = asyncio.run(fetched(self._fetcher, self._storage, wanted))
        except Exception as error:
            log.exception("file %s could not be fetched", wanted.file_id)
            found = Failed(f"{type(error).__name__}: {error}", ours=True)
        self._ended.put((wanted, found))

    def _taken(self) -> list[tuple[Wanted, Fetched | Failed]]:
        taken = []
        while True:
            try:
                taken.append(self._ended.get_nowait())
            except Empty:
                return taken

    def _end(self, wanted: Wanted, found: Fetched | Failed, now: datetime) -> FileCommand | None:
        """What is asked of the file; nothing if it is to be fetched again."""
        self._under_way.discard(wanted.file_id)
        times = self._tried.get(wanted.file_id, Tried(0, now)).times + 1
        if isinstance(found, Failed) and not found.final and (found.ours or times < TRIES):
            wait = min(FIRST * 4 ** min(times - 1, TRIES), LONGEST)
            self._tried[wanted.file_id] = Tried(times, now + wait)
            log.info("file %s, again in %s: %s", wanted.file_id, wait, found.why)
            return None
        # The read models may still want it for a moment.
        self._tried[wanted.file_id] = Tried(0, now + SETTLED)
        if isinstance(found, Failed):
            log.info("file %s is given up: %s", wanted.file_id, found.why)
            return _given_up(wanted, found.why, gone=found.final)
        return StoreFile(
            workspace_id=wanted.workspace_id,
            file_id=wanted.file_id,
            sha256=found.kept.sha256,
            size=found.kept.size,
            mime_type=found.mime_type,
            filename=wanted.filename,
            origin="inbound",
            account_id=wanted.account_id,
            message_id=wanted.message_id,
            conversation_id=wanted.conversation_id,
        )

    def _due(self, now: datetime) -> list[Wanted]:
        """Of the next page of all that are wanted, those whose time has come. However many wait
        for theirs, every file is looked at again and again.
        """
        with self._read.connect() as connection:
            page = wanted_behind(connection, self._behind, PAGE)
        if len(page) == PAGE:
            self._behind = page[-1].position
        else:
            self._behind = 0
            old = now - LONGEST
            self._tried = {id_: tried for id_, tried in self._tried.items() if tried.again_at > old}
        return [wanted for wanted in page if self._is_due(wanted.file_id, now)]

    def _is_due(self, file_id: UUID, now: datetime) -> bool:
        tried = self._tried.get(file_id)
        return file_id not in self._under_way and (tried is None or tried.again_at <= now)


def _given_up(wanted: Wanted, why: str, *, gone: bool) -> GiveUpFile:
    return GiveUpFile(
        workspace_id=wanted.workspace_id,
        file_id=wanted.file_id,
        message_id=wanted.message_id,
        conversation_id=wanted.conversation_id,
        account_id=wanted.account_id,
        why=why,
        gone=gone,
    )
