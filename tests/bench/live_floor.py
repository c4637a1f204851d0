"""What pushing to streams costs without Blazz: aiohttp, the same bytes written to each of them."""

import asyncio
import gc
import sys
from typing import Final

from aiohttp import web

_HEADERS: Final = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}


class Floor:
    """GET /stream stays open; what is posted to /push is written to all that are."""

    def __init__(self) -> None:
        self._open: set[web.StreamResponse] = set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers=_HEADERS)
        await answer.prepare(request)
        await answer.write(b": open\r\n\r\n")
        self._open.add(answer)
        await asyncio.Event().wait()
        return answer

    async def push(self, request: web.Request) -> web.Response:
        content = await request.read()
        for answer in self._open:
            await answer.write(content)
        return web.Response()


if __name__ == "__main__":
    floor, application = Floor(), web.Application()
    application.router.add_get("/stream", floor.stream)
    application.router.add_post("/push", floor.push)
    gc.collect()
    gc.freeze()
    where = {"host": "127.0.0.1", "port": int(sys.argv[1]), "shutdown_timeout": 0.1}
    web.run_app(application, **where, print=None, access_log=None)
