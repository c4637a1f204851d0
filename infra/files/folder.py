"""Files in a folder: `{workspace}/{first two digits}/{SHA-256}`.

A file is written beside them under a name of its own and renamed when it is whole and on the disk,
so no name ever leads to half a file, whoever is killed when.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from domain.file_storage import FileGone, Kept
from infra.files.arriving import arriving

ARRIVING: Final = "arriving"
PIECE: Final = 256 * 1024
LEFT_S: Final = 24 * 3600


class FolderStorage:
    def __init__(self, folder: Path) -> None:
        self._folder, self._swept = folder, False

    async def put(self, workspace_id: UUID, chunks: AsyncIterator[bytes], most: int) -> Kept:
        with await asyncio.to_thread(self._beside) as file:
            try:
                kept = await arriving(chunks, file, most)
                await asyncio.to_thread(self._keep, file, self._path(workspace_id, kept.sha256))
            except BaseException:
                _forget(file)
                raise
        return kept

    async def open(
        self, workspace_id: UUID, sha256: str, first: int = 0, last: int | None = None
    ) -> AsyncIterator[bytes]:
        path = self._path(workspace_id, sha256)
        if not await asyncio.to_thread(path.is_file):
            raise FileGone(workspace_id, sha256)
        return _pieces(path, first, last)

    def check(self) -> None:
        """OSError if nothing can be kept here."""
        with self._beside() as file:
            _forget(file)

    def _path(self, workspace_id: UUID, sha256: str) -> Path:
        return self._folder / workspace_id.hex / sha256[:2] / sha256

    def _beside(self) -> IO[bytes]:
        folder = self._folder / ARRIVING
        folder.mkdir(parents=True, exist_ok=True)
        if not self._swept:
            self._swept = True
            _sweep(folder)
        return tempfile.NamedTemporaryFile(dir=folder, delete=False)

    def _keep(self, file: IO[bytes], path: Path) -> None:
        """The rename is on the disk, too, when this returns."""
        file.flush()
        os.fsync(file.fileno())
        made = not path.parent.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(file.name).replace(path)
        _sync(path.parent)
        if made:
            _sync(path.parent.parent)
            _sync(self._folder)


async def _pieces(path: Path, first: int, last: int | None) -> AsyncIterator[bytes]:
    # At once: a thread whose opening nobody waits for any more would leave the file open.
    with path.open("rb") as file:
        file.seek(first)
        left = PIECE if last is None else last + 1 - first
        while left > 0 and (piece := await asyncio.to_thread(file.read, min(PIECE, left))):
            yield piece
            if last is not None:
                left -= len(piece)


def _sweep(folder: Path) -> None:
    """What processes have left that were killed a long time ago."""
    for left in folder.iterdir():
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < time.time() - LEFT_S:
                left.unlink()


def _forget(file: IO[bytes]) -> None:
    Path(file.name).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
