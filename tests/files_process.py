"""Runs as a process of its own: fetches one file and dies at a chosen place.

`python -m tests.files_process STORE_URL READ_URL FOLDER CLOUD_API_URL PLACE`
"""

import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from commands.policies.files import FilesPolicy
from commands.policies.zones import Zones
from infra.database import connect
from infra.event_store import open_store
from infra.files.folder import FolderStorage
from tests.files_site import provider_files


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly(FolderStorage):
    """Dies `within` the file, `before` it has its name, or `after` it is kept."""

    place = "after"

    async def put(self, workspace_id, chunks, most):
        kept = await super().put(workspace_id, self._pieces(chunks), most)
        if self.place == "after":
            die()
        return kept

    async def _pieces(self, chunks):
        async for chunk in chunks:
            yield chunk[:10]
            if self.place == "within":
                die()
            yield chunk[10:]

    def _keep(self, file, path):
        if self.place == "before":
            file.flush()
            os.fsync(file.fileno())
            die()
        super()._keep(file, path)


def main(store_url, read_url, folder, cloud_api, place):
    read, storage = connect(read_url, durable=False), Deadly(Path(folder))
    storage.place = place
    fetcher = provider_files(cloud_api)
    policy = FilesPolicy(open_store(store_url), read, Zones(read), fetcher, storage)
    while True:
        policy.step(datetime.now(UTC))
        time.sleep(0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
