"""`blazz webhooks feed`: recorded payloads through the real endpoint, with what became of each."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import uvloop

from infra.database import connect
from infra.embedded import Embedded
from infra.servers.find import free_port
from infra.services.parts import migrate
from infra.settings import Settings, settings_in
from infra.webhook_feed import Fed, NothingToFeed, feed, summary

OK, BROKEN = 200, 500


def feed_folder(settings: Settings, folder: Path, url: str) -> int:
    """0; 1 if a payload was answered with 5xx or not at all; 64 if there is nothing to feed."""
    secret = settings.app_secrets()[0]
    try:
        if url:
            fed = feed(folder, url, secret, connect(settings.store_url))
        else:
            with (
                tempfile.TemporaryDirectory(prefix="blazz-feed-") as place,
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                fed = runner.run(_thrown_away(Path(place), folder, secret))
    except NothingToFeed as error:
        sys.stderr.write(f"{error}\n")
        return os.EX_USAGE
    sys.stdout.write(summary(fed) + "\n")
    return 1 if any(one.status in (0, *range(BROKEN, 600)) for one in fed) else 0


async def _thrown_away(place: Path, folder: Path, secret: str) -> list[Fed]:
    settings = settings_in(place, free_port(), free_port())
    migrate(settings)
    embedded = Embedded(settings)
    stop, started = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(embedded.run(started.set_result, stop))
    try:
        await asyncio.wait({serving, started}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        url = f"http://127.0.0.1:{started.result()}/webhooks/whatsapp"
        return await asyncio.to_thread(feed, folder, url, secret, embedded.write.engine)
    finally:
        stop.set()
        await serving
