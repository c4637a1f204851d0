"""Pieces of the log folded in several processes at once; one alone writes, in the log's order.

They are forked, because to begin anew takes longer than many a rebuild. They only read, and end by
themselves when the process that asks them is gone, however it ended.
"""

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final, Self

from projections.checkpoints import Held
from projections.entries import Log
from projections.pieces import Folded, Folder, Piece, Positions

Opened = Callable[[], Log]
"""Opens the log anew, in whichever process it is called."""

MANY: Final = 30_000
"""For fewer records it is not worth it."""
MOST: Final = 4
AHEAD: Final = 2
"""Pieces a process is asked for at once, so that it need not wait for its next."""
HELD: Final = 500
"""With more streams to tell of, a question would not fit between two processes that both speak."""
STDERR: Final = 2


def worth_it(records: int) -> bool:
    """Whether so many are better folded by several."""
    return records >= MANY


class MemberLost(Exception):
    """A process that folds has ended; what is written is kept."""


class Team:
    """Processes that fold with `folder`, each over a log of its own.

    To be begun where no other thread is at work: the processes are forks of this one.
    """

    def __init__(self, opened: Opened, folder: Folder) -> None:
        """`opened` is no file of SQLite's, whose locks do not survive a fork."""
        self._about = (opened, folder)
        self._members: list[tuple[BaseProcess, Connection]] = []
        self._asked = deque[tuple[Piece, BaseProcess, Connection]]()

    def __enter__(self) -> Self:
        context = get_context("fork")
        for _ in range(min(MOST, max(2, os.cpu_count() or 2))):
            ours, theirs = context.Pipe()
            member = context.Process(target=_work, args=(theirs, *self._about), daemon=True)
            member.start()
            theirs.close()
            self._members.append((member, ours))
        return self

    def __exit__(self, *_: object) -> None:
        for member, ours in self._members:
            member.kill()
            ours.close()
            member.join()

    def folded(
        self, pieces: Iterable[Piece], upto: Positions, held: Held
    ) -> Iterator[tuple[Piece, Folded]]:
        """In the order of the pieces. Ends early if one could not be folded, or too much is held:
        whoever does it instead finds out why. MemberLost if a process is not there any more.
        """
        if sum(map(len, held.values())) > HELD:
            return
        while self._asked:  # and not wanted any more
            self._answer()
        members = cycle(self._members)
        for piece in pieces:
            member, connection = next(members)
            with suppress(BrokenPipeError):  # seen when its answer is waited for
                connection.send((piece, upto, held))
            self._asked.append((piece, member, connection))
            if len(self._asked) >= AHEAD * len(self._members):
                answered, folded = self._answer()
                if folded is None:
                    return
                yield answered, folded
        while self._asked:
            answered, folded = self._answer()
            if folded is None:
                return
            yield answered, folded

    def _answer(self) -> tuple[Piece, Folded | None]:
        """To what was asked first."""
        piece, member, connection = self._asked.popleft()
        try:
            folded: Folded | None = connection.recv()
        except (OSError, EOFError):
            member.join()
            raise MemberLost(
                f"process {member.pid}, which read facts for the rebuild, {_ended(member)}: what"
                " was written before is kept, and to rebuild again goes on from there"
            ) from None
        return piece, folded


def _ended(member: BaseProcess) -> str:
    code = member.exitcode or 0
    if code < 0:
        return f"was ended by signal {-code} ({signal.Signals(-code).name})"
    return f"has ended with exit status {code}"


def _work(asked: Connection, opened: Opened, folder: Folder) -> None:
    """In a process of its own. Ctrl-C is for the one that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _let_go(asked)
    try:
        log = opened()
        while True:
            piece, upto, held = asked.recv()
            asked.send(_folded(log, folder, piece, upto, held))
            gc.collect(0)
    except (OSError, EOFError):
        os._exit(os.EX_OK)
    finally:
        os._exit(os.EX_SOFTWARE)  # nothing that the other process has begun is ended from here


def _folded(log: Log, folder: Folder, piece: Piece, upto: Positions, held: Held) -> Folded | None:
    try:
        return folder.fold_from(log, piece, upto, held)
    except Exception:  # noqa: BLE001 - it happens again, and is seen, where it is done instead
        return None


def _let_go(kept: Connection) -> None:
    """Of connections that are the other process's: what is bound to them ends when that one ends.

    Nothing made before the fork is ever collected here, so no number of theirs is closed later.
    """
    gc.freeze()
    gc.disable()
    os.closerange(STDERR + 1, kept.fileno())
    os.closerange(kept.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
