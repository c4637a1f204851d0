"""What only a simulator has: its ledger, counts and options, and events made to happen."""

import time
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from infra.providers.simulator.customers import Customers, Deed
from infra.providers.simulator.errors import GraphError
from infra.providers.simulator.graph import json
from infra.providers.simulator.ledger import listed
from infra.providers.simulator.messages import PHONE, object_in
from infra.providers.simulator.numbers import NumberSettings
from infra.providers.simulator.options import changed
from infra.providers.simulator.simulator import Simulator
from infra.providers.simulator.templates import STATUSES

Asked = TypeVar("Asked")


class Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    webhook_url: str
    app_secret: str | None = None


class Inbound(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`text`, or a whole `message` with its type for everything that is not text."""

    phone_number_id: str
    sender: str = msgspec.field(name="from")
    name: str = "Test User"
    text: str | None = None
    message: dict[str, Any] | None = None


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    deeds: list[Deed]


class TemplateStatus(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template by `id`, or by `waba_id`, `name` and `language`."""

    status: str
    reason: str = "NONE"
    id: str | None = None
    waba_id: str | None = None
    name: str | None = None
    language: str | None = None


class Control:
    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def routes(self) -> list[Route]:
        return [
            Route("/-/healthy", self.healthy, methods=["GET"]),
            Route("/_simulator/ledger", self.ledger, methods=["GET"]),
            Route("/_simulator/read_marks", self.read_marks, methods=["GET"]),
            Route("/_simulator/stats", self.stats, methods=["GET"]),
            Route("/_simulator/options", self.options, methods=["GET"]),
            Route("/_simulator/options", self.change_options, methods=["POST"]),
            Route("/_simulator/subscribe", self.subscribe, methods=["POST"]),
            Route("/_simulator/numbers", self.number, methods=["POST"]),
            Route("/_simulator/inbound", self.inbound, methods=["POST"]),
            Route("/_simulator/customers", self.customers, methods=["POST"]),
            Route("/_simulator/template_status", self.template_status, methods=["POST"]),
        ]

    async def healthy(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def ledger(self, request: Request) -> Response:
        """One line per accepted send, in order; `?offset=` leaves out lines already read."""
        return listed(self._simulator.ledger, _offset(request))

    async def read_marks(self, request: Request) -> Response:
        """One line per message marked as read, or typed an answer to, in order."""
        return listed(self._simulator.read_marks.taken, _offset(request))

    async def stats(self, _: Request) -> Response:
        return json(self._simulator.stats())

    async def options(self, _: Request) -> Response:
        shown = msgspec.structs.asdict(self._simulator.options)
        return json(shown | {"app_secret": "***" if shown["app_secret"] else ""})

    async def change_options(self, request: Request) -> Response:
        self._change(object_in(await request.body()))
        return await self.options(request)

    async def subscribe(self, request: Request) -> Response:
        asked = _converted(await request.body(), Subscribe)
        secret = {} if asked.app_secret is None else {"app_secret": asked.app_secret}
        self._change({"webhook_url": asked.webhook_url, **secret})
        return json({"success": True})

    def _change(self, changes: dict[str, Any]) -> None:
        try:
            self._simulator.options = changed(self._simulator.options, changes)
        except ValueError as error:
            raise GraphError(100, str(error)) from None

    async def number(self, request: Request) -> Response:
        settings = _converted(await request.body(), NumberSettings)
        options = self._simulator.options
        number = self._simulator.numbers.settle(settings, options)
        return json({**number.shown(options.messages_per_second), "waba_id": number.waba_id})

    async def inbound(self, request: Request) -> Response:
        asked = _converted(await request.body(), Inbound)
        if (asked.text is None) == (asked.message is None):
            raise GraphError(100, "Give exactly one of text and message.")
        if not PHONE.fullmatch(asked.sender):
            raise GraphError(100, f"Param from must be a phone number, got {asked.sender!r}.")
        number = self._simulator.numbers.use(asked.phone_number_id, self._simulator.options)
        sender = "".join(filter(str.isdigit, asked.sender))
        content = asked.message or {"type": "text", "text": {"body": asked.text}}
        message = {
            "from": sender,
            "id": self._simulator.wamid(sender),
            "timestamp": str(int(time.time())),
            **content,
        }
        self._simulator.receive(number, asked.name, message)
        return json({"id": message["id"]})

    async def customers(self, request: Request) -> Response:
        """Plays a script of what customers do; answers with the ids of what each deed makes."""
        script = _converted(await request.body(), Script)
        return json({"ids": Customers(self._simulator).play(script.deeds)})

    async def template_status(self, request: Request) -> Response:
        asked = _converted(await request.body(), TemplateStatus)
        if asked.status not in STATUSES:
            raise GraphError(
                100, f"Param status must be one of {sorted(STATUSES)}, got {asked.status!r}."
            )
        if asked.id is not None:
            found = [self._simulator.find_template(asked.id)]
        elif asked.waba_id is not None and asked.name is not None:
            wanted = {} if asked.language is None else {"language": asked.language}
            found = self._simulator.templates.of(asked.waba_id, name=asked.name, **wanted)
        else:
            raise GraphError(100, "Name the template by id, or by waba_id and name.")
        if not found:
            raise GraphError(100, f"No template {asked.name!r} in account {asked.waba_id!r}.")
        for template in found:
            self._simulator.judge(template, asked.status, asked.reason)
        return json({"success": True, "templates": [template.id for template in found]})


def _offset(request: Request) -> int:
    offset = request.query_params.get("offset", "0")
    if not offset.isdigit():
        raise GraphError(100, f"Param offset must be a number, got {offset!r}.")
    return int(offset)


def _converted(raw: bytes, shape: type[Asked]) -> Asked:
    try:
        return msgspec.convert(object_in(raw), shape)
    except msgspec.ValidationError as error:
        raise GraphError(100, f"The request body is not right: {error}") from None
