"""From a request to a stored decision and its receipt: the same way for every command."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import orjson
from starlette.responses import Response

from commands.command import Command, Intent, Wanted
from commands.execute import Done, execute
from commands.store import EventStore, Receipt, ReceiptExists, StoredReceipt, VersionConflict
from commands.streams import Stale
from domain.access import Problem
from domain.ids import show
from domain.kernel import Metadata, Rejected

THREADS: Final = 64
CREATED: Final = 201

T = TypeVar("T")


class Desk:
    """Where commands are carried out: the store, the time, and threads for what blocks."""

    def __init__(
        self,
        store: EventStore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        threads: int = THREADS,
    ) -> None:
        self.store, self.clock = store, clock
        self._threads = ThreadPoolExecutor(threads, "command")

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """In a thread; as many at once as there are threads, the others wait in line."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def close(self) -> None:
        """Waits for what is being carried out."""
        self._threads.shutdown()


class Spent(NamedTuple):
    """An idempotency key (or an empty one) and the request it is spent on."""

    route: str
    key: str
    fingerprint: str

    def stored(self, store: EventStore, workspace_id: UUID) -> StoredReceipt | None:
        """What the key was spent on before. Problem 422 if that was another request."""
        if not self.key:
            return None
        stored = store.receipt(workspace_id, self.route, self.key)
        if stored is not None and stored.fingerprint != self.fingerprint:
            detail = "this Idempotency-Key was used for another request; take a new one"
            raise Problem(422, "idempotency_key_reused", detail)
        return stored

    def receipt(self, workspace_id: UUID, status: int, intent: Intent) -> Receipt | None:
        """To be stored with the facts."""
        if not self.key:
            return None
        target = show(intent.kind, intent.id)
        return Receipt(
            workspace_id, self.route, self.key, self.fingerprint, status, target, intent.id
        )


def carry_out(
    desk: Desk, command: Command, wanted: Wanted, spent: Spent, metadata: Metadata
) -> Response:
    """Decides and stores, or answers again what was answered before.

    Whether the key is spent is asked of a refused request only: of one that was answered before,
    the store takes nothing again.
    """
    try:
        intent, done = _decided(desk, command, wanted, spent, metadata)
    except (Rejected, Problem, VersionConflict, ReceiptExists) as refusal:
        if stored := spent.stored(desk.store, wanted.workspace_id):
            more = dict.fromkeys(command.adds_schema) if command.once else _added(command, wanted)
            return replayed(stored, command.path, **more)
        if isinstance(refusal, Stale):
            raise _stale(wanted, refusal) from None
        raise
    target = show(intent.kind, intent.id)
    more = _added(command, wanted)
    return accepted(command.status, target, done.version, done.position, command.path, **more)


def _added(command: Command, wanted: Wanted) -> Mapping[str, Any]:
    return command.adds(wanted) if command.adds else {}


def _decided(
    desk: Desk, command: Command, wanted: Wanted, spent: Spent, metadata: Metadata
) -> tuple[Intent, Done]:
    for last_try in (False, True):
        intent = command.prepare(wanted)
        receipt_ = spent.receipt(wanted.workspace_id, command.status, intent)
        try:
            return intent, execute(
                desk.store, intent.asks, metadata, desk.clock(), receipt_, wanted.streams
            )
        except Rejected as rejected:
            # Taken between reading and deciding: a second reading can say by whom.
            if last_try or rejected.code != "identifier_taken":
                raise
    raise AssertionError("the last try returns or raises")


def _stale(wanted: Wanted, stale: Stale) -> Problem:
    version = wanted.streams.stands(stale.stream_id)[0] if stale.stream_id else 0
    detail = f"it stands at version {version} now, not {wanted.expected}; read it and try again"
    return Problem(412, "version_stale", detail)


def replayed(stored: StoredReceipt, path: str, /, **more: Any) -> Response:
    """The same answer once more, and that it is one."""
    response = accepted(stored.status, stored.target, stored.version, stored.position, path, **more)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def accepted(
    status: int, target: str, version: int, position: int, path: str, /, **more: Any
) -> Response:
    """The receipt of a command."""
    content = orjson.dumps({"id": target, "version": version, "position": position, **more})
    headers = {"Blazz-Position": str(position), "ETag": f'"{version}"'}
    if status == CREATED:
        headers["Location"] = f"{path}/{target}"
    return Response(content, status, headers=headers, media_type="application/json")


def json_answer(body: Any) -> Response:
    """An answer that is not the receipt of anything stored."""
    return Response(orjson.dumps(body), media_type="application/json")
