"""From a path to what answers there: fixed paths by one look-up, others by how many parts they have.

A router that tries one pattern after the other takes longer than all else that is done here.
"""

from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send


class Paths:
    """An ASGI application for HTTP; HTTPException 404 where there is nothing."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[str, Route] = {}
        self._open: dict[int, list[tuple[str, Route]]] = {}
        for route in routes:
            head, opened, _ = route.path.partition("{")
            if opened:
                self._open.setdefault(route.path.count("/"), []).append((head, route))
            else:
                self._fixed[route.path] = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        fixed = self._fixed.get(path)
        if fixed is not None:
            scope["path_params"] = {}
            await fixed.app(scope, receive, send)
            return
        for head, route in self._open.get(path.count("/"), ()):
            if not path.startswith(head):
                continue
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                await route.app(scope, receive, send)
                return
        raise HTTPException(404)
