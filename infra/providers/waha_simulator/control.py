"""What only a simulator has: its ledger, counts and options, and things made to happen."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from infra.providers.simulator.ledger import listed
from infra.providers.waha_simulator.api import json
from infra.providers.waha_simulator.drafts import object_in
from infra.providers.waha_simulator.errors import refused
from infra.providers.waha_simulator.options import WahaOptions
from infra.providers.waha_simulator.people import EVENTS, Deed, act
from infra.providers.waha_simulator.simulator import WahaSimulator


class Control:
    def __init__(self, simulator: WahaSimulator) -> None:
        self._simulator = simulator

    def routes(self) -> list[Route]:
        return [
            Route("/-/healthy", self.healthy, methods=["GET"]),
            Route("/_simulator/ledger", self.ledger, methods=["GET"]),
            Route("/_simulator/stats", self.stats, methods=["GET"]),
            Route("/_simulator/options", self.options, methods=["GET"]),
            Route("/_simulator/options", self.change, methods=["POST"]),
            Route("/_simulator/sessions/{session}/scan", self.scan, methods=["POST"]),
            Route("/_simulator/sessions/{session}/fail", self.fail, methods=["POST"]),
            Route("/_simulator/people", self.people, methods=["POST"]),
        ]

    async def healthy(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def ledger(self, request: Request) -> Response:
        """One line per message that has left, in order; `?offset=` leaves out those already read."""
        offset = request.query_params.get("offset", "0")
        if not offset.isdigit():
            raise refused(400, [f"offset must be a number, got {offset!r}"])
        return listed(self._simulator.ledger, int(offset))

    async def stats(self, _: Request) -> Response:
        return json(self._simulator.stats())

    async def options(self, _: Request) -> Response:
        shown = msgspec.structs.asdict(self._simulator.options)
        return json(shown | {"api_keys": len(shown["api_keys"])})

    async def change(self, request: Request) -> Response:
        changes = object_in(await request.body())
        whole = msgspec.structs.asdict(self._simulator.options) | changes
        self._simulator.options = _converted(whole, WahaOptions)
        return await self.options(request)

    async def scan(self, request: Request) -> Response:
        """`{"phone": digits}`: that phone scans the code that is shown."""
        session = self._simulator.session(request.path_params["session"])
        session.scan(str(object_in(await request.body()).get("phone") or "15550000001"))
        return json(session.shown())

    async def fail(self, request: Request) -> Response:
        session = self._simulator.session(request.path_params["session"])
        session.fail()
        return json(session.shown())

    async def people(self, request: Request) -> Response:
        deed = _converted(object_in(await request.body()), Deed)
        if deed.do not in EVENTS:
            raise refused(400, [f"do must be one of {', '.join(EVENTS)}, got {deed.do!r}"])
        return json({"id": act(self._simulator, deed)})


def _converted(content: Any, shape: type[Any]) -> Any:
    try:
        return msgspec.convert(content, shape)
    except msgspec.ValidationError as error:
        raise refused(400, [str(error)]) from None
