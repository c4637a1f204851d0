"""POST /v1/files: a file that replies may take along, kept while it arrives."""

import logging
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final
from uuid import UUID

import pydantic
import uuid_utils.compat as uuids
from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from commands.bodies import Body
from commands.command import Intent
from commands.execute import execute
from commands.file_arrival import Arrival, type_of
from commands.handling import CREATED, Desk, Spent, accepted, replayed
from commands.operations import KEY_HEADER, described, longer_receipt, receipt, refusals
from commands.requests import (
    fingerprint,
    idempotency_key,
    metadata_of,
    principal_of,
    query,
    query_refused,
)
from commands.store import ReceiptExists, StoredReceipt
from commands.streams import Ask, Streams
from commands.texts import PLAIN, tidy
from domain.access import FieldError, Permission, Principal, Problem
from domain.file import File, StoreFile, file
from domain.file_heads import TYPES
from domain.file_storage import FileStorage, Kept
from domain.ids import parse
from domain.kernel import Metadata
from domain.replies import FILENAME

PATH: Final = "/v1/files"
ROUTE: Final = f"POST {PATH}"
PERMISSION: Final[Permission] = "conversations.reply"
BODY_LIMIT: Final = max(TYPES.values())
_TEXT: Final = {"type": "string"}
log = logging.getLogger("blazz.files")
_MORE: Final[dict[str, Any]] = {
    "mime_type": {"type": "string", "description": "What it is sent as"},
    "size": {"type": "integer", "minimum": 1},
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "filename": _TEXT,
}


class Parameters(Body):
    """The query of an upload."""

    filename: Annotated[str, Field(max_length=FILENAME), AfterValidator(tidy)] = ""


def endpoint(desk: Desk, files: FileStorage) -> Callable[[Request], Awaitable[Response]]:
    """The function that answers, with its description."""

    async def upload_file(request: Request) -> Response:
        filename = _filename(request)
        key = idempotency_key(request, required=True)
        mime_type = type_of(request)
        arrival = Arrival(request, mime_type)
        upload = Upload(desk, principal_of(request), metadata_of(request, key), filename, mime_type)
        if await desk.run(upload.answered, key):
            async for _ in arrival.chunks():
                pass  # it was kept the first time
            kept = None
        else:
            kept = await _kept(files, upload.workspace_id, arrival)
        said = fingerprint(request, mime_type.encode() + arrival.digest)
        return await desk.run(upload.finish, Spent(ROUTE, key, said), kept)

    described_: Any = upload_file
    described_.operation, described_.permission = _operation(), PERMISSION
    described_.body_limit = BODY_LIMIT
    return upload_file


class Upload:
    """The store's side of one request; everything here blocks."""

    def __init__(
        self, desk: Desk, by: Principal, metadata: Metadata, filename: str, mime_type: str
    ) -> None:
        self._desk, self._by, self._metadata = desk, by, metadata
        self._filename, self._mime_type = filename, mime_type
        self.workspace_id = by.workspace_id

    def answered(self, key: str) -> bool:
        """Whether the key is spent already, be it on this request or on another."""
        return self._desk.store.receipt(self.workspace_id, ROUTE, key) is not None

    def finish(self, spent: Spent, kept: Kept | None) -> Response:
        """The receipt, once the bytes are kept; None for those that were kept before."""
        if kept is None:
            return self._again(spent)
        id_ = uuids.uuid7()
        command = StoreFile(
            workspace_id=self.workspace_id,
            file_id=id_,
            sha256=kept.sha256,
            size=kept.size,
            mime_type=self._mime_type,
            filename=self._filename,
            origin="upload",
            user_id=self._by.user_id,
        )
        asks, streams = [Ask(file, id_, command)], Streams(self._desk.store)
        intent = Intent("file", id_, asks)
        receipt_ = spent.receipt(self.workspace_id, CREATED, intent)
        now = self._desk.clock()
        try:
            done = execute(self._desk.store, asks, self._metadata, now, receipt_, streams)
        except ReceiptExists:
            return self._again(spent)
        assert receipt_ is not None
        more = self._shown(id_, streams)
        return accepted(CREATED, receipt_.target, done.version, done.position, PATH, **more)

    def _again(self, spent: Spent) -> Response:
        stored: StoredReceipt | None = spent.stored(self._desk.store, self.workspace_id)
        assert stored is not None, "the key is spent"
        more = self._shown(parse("file", stored.target), Streams(self._desk.store))
        return replayed(stored, PATH, **more)

    def _shown(self, file_id: UUID, streams: Streams) -> dict[str, Any]:
        found: File = streams.look(file, file_id, self.workspace_id)
        return {name: getattr(found, name) for name in _MORE}


async def _kept(files: FileStorage, workspace_id: UUID, arrival: Arrival) -> Kept:
    """Problem 503 while the storage takes nothing; nothing is left of the file then."""
    try:
        return await files.put(workspace_id, arrival.chunks(), BODY_LIMIT)
    except OSError as error:
        log.warning("the storage of files does not answer: %s", error)
        detail, later = "the storage of files does not answer", {"Retry-After": "5"}
        raise Problem(503, "storage_away", detail, headers=later) from None


def _filename(request: Request) -> str:
    given = query(request, tuple(Parameters.model_fields))
    try:
        return Parameters.model_validate(given).filename
    except pydantic.ValidationError as error:
        errors = [
            FieldError(pointer=f"?{found['loc'][0]}", code=found["type"], detail=found["msg"])
            for found in error.errors()
        ]
        raise query_refused(errors) from None


def _operation() -> dict[str, Any]:
    name = {
        "name": "filename",
        "in": "query",
        "description": "What its reader sees, where it is sent as a document",
        "schema": {**_TEXT, "maxLength": FILENAME, "pattern": PLAIN},
    }
    parameters = [{**KEY_HEADER, "required": True}, name]
    responses = refusals(400, 409, 415, 422)
    responses["201"] = receipt(201, replayable=True, schema="FileReceipt")
    schemas = {"FileReceipt": longer_receipt(_MORE)}
    summary = "Upload a file, for replies to take along"
    body = {"schema": {"type": "string", "format": "binary"}}
    content = dict.fromkeys(TYPES, body)
    operation = described(summary, "files", parameters, responses, schemas)
    return {**operation, "requestBody": {"required": True, "content": content}}
