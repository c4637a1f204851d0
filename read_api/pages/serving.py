"""Serves the inbox page. What the browser may load and run for it stands in its headers."""

import hashlib
import html
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.access import PUBLIC, Problem

HERE: Final = Path(__file__).parent
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_COMMANDS: Final = "{{command API}}"


def routes(commands: str) -> list[Route]:
    """The page and its files. `commands` is the command API's origin; "" if it is this one."""
    files = {path.name: path for path in sorted(HERE.iterdir()) if path.suffix in TYPES}
    parts = {name: _part(path, commands) for name, path in files.items()}
    page = parts.pop("index.html")

    async def root(_: Request) -> Response:
        return RedirectResponse("inbox")

    async def inbox(request: Request) -> Response:
        return page.answer(request)

    async def inbox_file(request: Request) -> Response:
        part = parts.get(request.path_params["name"])
        if part is None:
            raise Problem(404, "not_found", f"the inbox page is made of {', '.join(parts)}")
        return part.answer(request)

    return [
        Route("/", _public(root, "To the inbox page", "307", "The address of the inbox page")),
        Route("/inbox", _public(inbox, "The inbox page", "200", "A page for browsers")),
        Route(
            "/inbox/{name}",
            _public(inbox_file, "A part of the inbox page", "200", "Script or style", "404"),
        ),
    ]


class _Part:
    """A file as it is sent. Browsers keep it, and ask each time whether it is still so."""

    def __init__(self, content: bytes, media_type: str, policy: str) -> None:
        self._content = content
        etag = hashlib.sha256(content).hexdigest()[:32]
        self._headers = {
            "Content-Type": media_type,
            "Content-Security-Policy": policy,
            "Cache-Control": "no-cache",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "ETag": f'"{etag}"',
        }

    def answer(self, request: Request) -> Response:
        """304 if the browser has it."""
        if request.headers.get("if-none-match") == self._headers["ETag"]:
            return Response(None, 304, self._headers)
        return Response(self._content, 200, self._headers)


def _part(path: Path, commands: str) -> _Part:
    content = path.read_bytes()
    if path.suffix == ".html":
        content = content.replace(_COMMANDS.encode(), html.escape(commands).encode())
    return _Part(content, TYPES[path.suffix], _policy(commands))


def _policy(commands: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"connect-src 'self' {commands}".rstrip(),
            "img-src 'self' data: blob:",
            "media-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _public(endpoint: Any, summary: str, status: str, answer: str, *refusals: str) -> Any:
    responses = {status: {"description": answer}, **{refusal: {} for refusal in refusals}}
    endpoint.operation = {"summary": summary, "tags": ["page"], "responses": responses}
    endpoint.permission = PUBLIC
    return endpoint
