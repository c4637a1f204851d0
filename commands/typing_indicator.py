"""POST …/typing: the customer sees that somebody writes an answer.

It is no fact and worth nothing later: nothing is stored, the provider is asked after the answer
was given, and what it says is counted. A client that types for ten minutes does no harm.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final
from uuid import UUID

import orjson
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response

from commands.answering import provider_id, recipient, windowed
from commands.bodies import Empty
from commands.chats import ID, ONE, REPLY, present
from commands.command import Wanted
from commands.handling import Desk
from commands.operations import described, id_parameter, json_body, refusals
from commands.policies.ports import Heard, Provider, Refused, Unknown
from commands.requests import body_of, path_ids, principal_of, query
from commands.streams import Streams
from domain.account import Account, account
from domain.conversation import check_typing
from domain.ids import show
from domain.kernel import Rejected

PATH: Final = f"{ONE}/typing"
EVERY_S: Final = 5.0
"""Sooner than that it is not shown again: it still is."""
LASTS_S: Final = 25.0
"""So long after the last request, as the Cloud API has it by itself."""
MOST: Final = 2000
"""Conversations of one process."""
_BODY: Final = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}},
    "additionalProperties": False,
}

log = logging.getLogger("blazz.typing")

_shown = Counter(
    "blazz_typing_shown_total",
    "Requests to show that somebody types: what the provider said, or `full` if it was not asked.",
    ["outcome"],
)


class Indicator:
    """Shows it through the provider that `connect` gives, open only while there is something to
    show. Belongs to the event loop that first calls `show`.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[Provider]],
        every_s: float = EVERY_S,
        lasts_s: float = LASTS_S,
    ) -> None:
        self._connect, self._every_s, self._lasts_s = connect, every_s, lasts_s
        self._last: dict[UUID, float] = {}
        self._asked = asyncio.Queue[tuple[UUID, Heard] | None]()
        self._keeper: asyncio.Task[None] | None = None

    def show(self, conversation_id: UUID, heard: Heard) -> None:
        """Returns at once. What is shown already, or one conversation too many, is passed over."""
        now = time.monotonic()
        last = self._last.get(conversation_id)
        if last is not None and now - last < self._every_s:
            return
        if last is None and len(self._last) >= MOST:
            _shown.labels("full").inc()
            return
        self._last[conversation_id] = now
        self._asked.put_nowait((conversation_id, heard))
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        async with self._connect() as provider, asyncio.TaskGroup() as signs:
            while self._last:
                if asked := await self._asked.get():
                    signs.create_task(self._sign(provider, *asked))
            self._keeper = None  # whoever asks from here on needs another one

    async def _sign(self, provider: Provider, conversation_id: UUID, heard: Heard) -> None:
        """Until it ends by itself, or another one takes its place."""
        at = self._last[conversation_id]
        try:
            _count(await provider.show_typing(heard))
            await asyncio.sleep(self._lasts_s)
            if self._last[conversation_id] == at:
                await provider.hide_typing(heard)
        except Exception:
            log.exception("somebody is not shown typing in %s", conversation_id)
        if self._last.get(conversation_id) == at:
            del self._last[conversation_id]
        if not self._last:
            self._asked.put_nowait(None)


def _count(said: Refused | Unknown | None) -> None:
    match said:
        case None:
            _shown.labels("taken").inc()
        case Refused(reason=reason):
            _shown.labels("refused").inc()
            log.info("somebody is not shown typing: %s", reason)
        case Unknown(reason=reason):
            _shown.labels("unknown").inc()
            log.info("somebody may not be shown typing: %s", reason)


def endpoint(desk: Desk, indicator: Indicator) -> Callable[[Request], Awaitable[Response]]:
    """The function that answers, with its description."""

    async def show_typing(request: Request) -> Response:
        query(request)
        ids = path_ids(request, ID)
        body, _ = await body_of(request, Empty, optional=True)
        wanted = Wanted(principal_of(request), ids, body, None, Streams(desk.store))
        conversation_id = ids["conversation_id"]
        indicator.show(conversation_id, await desk.run(_heard, desk, wanted))
        content = orjson.dumps({"id": show("conversation", conversation_id)})
        return Response(content, 202, media_type="application/json")

    marked: Any = show_typing
    marked.operation, marked.permission = _operation(), REPLY
    return show_typing


def _heard(desk: Desk, wanted: Wanted) -> Heard:
    """The message it is shown under. Rejected where a text could not be sent either."""
    found, id_, workspace_id = present(wanted), wanted.ids["conversation_id"], wanted.workspace_id
    recipient(wanted.streams, workspace_id, found)
    in_window = windowed(wanted.streams, workspace_id, found.account_id)
    message_id = check_typing(found, id_, desk.clock(), windowed=in_window)
    number: Account = wanted.streams.look(account, found.account_id, workspace_id)
    assert number.number is not None
    if not number.read_receipts and not number.is_waha:
        raise Rejected(
            "read_receipts_off",
            "to the Cloud API, whoever types has read the message, and the number "
            f"{show('account', found.account_id)} tells nobody what was read",
        )
    heard = provider_id(wanted, id_, message_id)
    return Heard(number.number.phone_number_id, heard, number.number.provider)


def _operation() -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Typing"}
    responses = {
        **refusals(400, 404, 409, 415, 422),
        "202": {
            "description": "It will be shown, or is shown already",
            "content": {"application/json": {"schema": reference}},
        },
    }
    request_body, schemas = json_body(Empty, optional=True)
    parameters = [id_parameter(name, kind) for name, kind in ID.items()]
    summary = "Show the customer that somebody writes; marks the last message as read"
    operation = described(
        summary, "conversations", parameters, responses, schemas | {"Typing": _BODY}
    )
    return {**operation, "requestBody": request_body}
