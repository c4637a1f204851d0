"""The Graph API beside sending: numbers, media and templates."""

import base64
import time
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.providers.simulator.errors import GraphError, object_missing
from infra.providers.simulator.media import LARGEST_BODY, parts
from infra.providers.simulator.messages import check_product, object_in
from infra.providers.simulator.simulator import Simulator

DOWNLOAD = "/whatsapp_business/attachments/"
TEMPLATE_FILTERS = ("name", "status", "language", "category")
PAGE, LARGEST_PAGE, MOST_TEMPLATES = 25, 1000, 6000


def json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def page(request: Request, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A slice of the items with Meta's paging: opaque cursors and whole addresses."""
    query = request.query_params
    limit = _number(query.get("limit", str(PAGE)), "limit")
    if not 1 <= limit <= LARGEST_PAGE:
        raise GraphError(100, f"Param limit must be 1 to {LARGEST_PAGE}, got {limit}.")
    start = _position(query["after"]) + 1 if "after" in query else 0
    if "before" in query:
        start = max(_position(query["before"]) - limit, 0)
    shown = items[start : start + limit]
    body: dict[str, Any] = {"data": [_fields(request, item) for item in shown]}
    if not shown:
        return body
    first, last = _cursor(start), _cursor(start + len(shown) - 1)
    paging: dict[str, Any] = {"cursors": {"before": first, "after": last}}
    plain = request.url.remove_query_params(["after", "before"])
    if start + len(shown) < len(items):
        paging["next"] = str(plain.include_query_params(after=last))
    if start > 0:
        paging["previous"] = str(plain.include_query_params(before=first))
    return body | {"paging": paging}


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(b"item:%d" % position).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor).removeprefix(b"item:"))
    except ValueError:
        raise GraphError(100, f"The cursor {cursor!r} is not one of a previous page.") from None


def _number(text: str, name: str) -> int:
    if not text.isdigit():
        raise GraphError(100, f"Param {name} must be a number, got {text!r}.")
    return int(text)


def _fields(request: Request, item: dict[str, Any]) -> dict[str, Any]:
    """Only the fields asked for; the id always comes along."""
    asked = request.query_params.get("fields")
    if not asked:
        return item
    names = {"id", *(name.split("{")[0].strip() for name in asked.split(","))}
    return {key: value for key, value in item.items() if key in names}


class Graph:
    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def routes(self) -> list[Route]:
        return [
            Route(DOWNLOAD, self.download, methods=["GET"]),
            Route("/{id}/media", self.upload, methods=["POST"]),
            Route("/{id}/message_templates", self.submit, methods=["POST"]),
            Route("/{id}/message_templates", self.templates, methods=["GET"]),
            Route("/{id}/message_templates", self.delete_template, methods=["DELETE"]),
            Route("/{id}/phone_numbers", self.numbers, methods=["GET"]),
            Route("/{id}", self.node, methods=["GET"]),
            Route("/{id}", self.edit, methods=["POST"]),
            Route("/{id}", self.delete, methods=["DELETE"]),
        ]

    async def upload(self, request: Request) -> Response:
        if int(request.headers.get("content-length", "0")) > LARGEST_BODY:
            raise GraphError(100, f"A media upload has at most {LARGEST_BODY} bytes.")
        fields = parts(request.headers.get("content-type", ""), await request.body())
        product = fields.get("messaging_product")
        check_product({"messaging_product": product.data.decode("latin-1") if product else None})
        if "file" not in fields:
            raise GraphError(100, "The parameter file is required.")
        number = self._simulator.numbers.use(request.path_params["id"], self._simulator.options)
        file, kind = fields["file"], fields.get("type")
        mime_type = kind.data.decode("latin-1") if kind else file.content_type
        media = self._simulator.media.add(self._simulator.new_id(), number.id, mime_type, file.data)
        return json({"id": media.id})

    async def node(self, request: Request) -> Response:
        """What an id stands for: a medium, a template or a number."""
        identifier = request.path_params["id"]
        media = self._simulator.media.get(identifier)
        if media is not None:
            query = self._simulator.media.query(media, time.time())
            base = f"{request.url.scheme}://{request.url.netloc}"
            return json(
                {
                    "messaging_product": "whatsapp",
                    "url": f"{base}{DOWNLOAD}?{query}",
                    "mime_type": media.mime_type,
                    "sha256": media.sha256,
                    "file_size": len(media.data),
                    "id": media.id,
                }
            )
        if self._simulator.minted(identifier):
            return json(_fields(request, self._simulator.find_template(identifier).shown()))
        options = self._simulator.options
        number = self._simulator.numbers.use(identifier, options)
        return json(_fields(request, number.shown(options.messages_per_second)))

    async def download(self, request: Request) -> Response:
        query = request.query_params
        media = self._simulator.media.download(
            query.get("mid", ""), query.get("ext", ""), query.get("hash", ""), time.time()
        )
        return Response(media.data, media_type=media.mime_type)

    async def delete(self, request: Request) -> Response:
        identifier = request.path_params["id"]
        media = self._simulator.media.get(identifier)
        owner = request.query_params.get("phone_number_id")
        if media is None or owner not in {None, media.phone_number_id}:
            raise object_missing(identifier)
        self._simulator.media.delete(identifier)
        return json({"success": True})

    async def submit(self, request: Request) -> Response:
        template = self._simulator.submit(
            request.path_params["id"], object_in(await request.body())
        )
        return json({"id": template.id, "status": "PENDING", "category": template.category})

    async def edit(self, request: Request) -> Response:
        template = self._simulator.find_template(request.path_params["id"])
        self._simulator.edit(template, object_in(await request.body()))
        return json({"success": True})

    async def templates(self, request: Request) -> Response:
        waba_id = request.path_params["id"]
        wanted = {f: v for f in TEMPLATE_FILTERS if (v := request.query_params.get(f))}
        found = self._simulator.templates.of(waba_id, **wanted)
        body = page(request, [template.shown() for template in found])
        if "summary" in request.query_params:
            count = len(self._simulator.templates.of(waba_id))
            body["summary"] = {
                "total_count": len(found),
                "message_template_count": count,
                "message_template_limit": MOST_TEMPLATES,
                "are_translations_complete": True,
            }
        return json(body)

    async def delete_template(self, request: Request) -> Response:
        name = request.query_params.get("name")
        if name is None:
            raise GraphError(100, "The parameter name is required.")
        template_id = request.query_params.get("hsm_id")
        self._simulator.templates.delete(request.path_params["id"], name, template_id)
        return json({"success": True})

    async def numbers(self, request: Request) -> Response:
        rate = self._simulator.options.messages_per_second
        found = self._simulator.numbers.of(request.path_params["id"])
        return json(page(request, [number.shown(rate) for number in found]))
