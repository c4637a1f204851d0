"""POST /v1/contacts/import: a contact file, read while it arrives, with an answer for every row."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import pydantic
from pydantic import AfterValidator, BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from commands.bodies import Body
from commands.handling import CREATED, Desk, Spent, accepted, json_answer
from commands.import_operation import operation
from commands.import_run import SHOWN_PROBLEMS, Import, Run, Tally, tally_of
from commands.import_upload import Upload
from commands.requests import (
    fingerprint,
    idempotency_key,
    media_type,
    metadata_of,
    principal_of,
    query,
    query_refused,
)
from commands.store import Receipt, ReceiptExists, StoredReceipt
from commands.texts import Country, tidy
from domain.access import FieldError, Problem
from domain.ids import name_id, show
from domain.kernel import Rejected

PATH: Final = "/v1/contacts/import"
ROUTE: Final = f"POST {PATH}"
BODY_LIMIT: Final = 64 * 1024 * 1024
TOO_LARGE: Final = 413


def _truth(value: object) -> object:
    return {"true": True, "false": False}.get(str(value), value)


class Parameters(Body):
    """The query of an import."""

    dry_run: Annotated[bool, BeforeValidator(_truth), Field(strict=True)] = False
    country: Country | None = None
    filename: Annotated[str, Field(max_length=255), AfterValidator(tidy)] = ""


def endpoint(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """The function that answers, with its description."""

    async def import_contacts(request: Request) -> Response:
        parameters = _parameters(request)
        key = idempotency_key(request, required=not parameters.dry_run)
        media_type(request, "text/csv")
        intake = Intake(desk, request, key, parameters)
        stored, upload = await desk.run(intake.begin)
        digest = hashlib.sha256()
        try:
            async for data in request.stream():
                digest.update(data)
                if stored is None:
                    await desk.run(upload.feed, data)
        except Problem as problem:
            if problem.status == TOO_LARGE:
                await desk.run(intake.give_up, problem)
            raise
        return await desk.run(intake.finish, upload, digest.digest())

    described: Any = import_contacts
    described.operation, described.permission = operation(), "contacts.write"
    described.body_limit = BODY_LIMIT
    return import_contacts


def _parameters(request: Request) -> Parameters:
    given = query(request, tuple(Parameters.model_fields))
    try:
        return Parameters.model_validate(given)
    except pydantic.ValidationError as error:
        errors = [
            FieldError(pointer=f"?{found['loc'][0]}", code=found["type"], detail=found["msg"])
            for found in error.errors()
        ]
        raise query_refused(errors) from None


class Intake:
    """The store's side of an import request: begin, finish, and the same answer when repeated."""

    def __init__(self, desk: Desk, request: Request, key: str, parameters: Parameters) -> None:
        principal = principal_of(request)
        self._desk, self._request, self._key = desk, request, key
        self._dry, self._workspace_id = parameters.dry_run, principal.workspace_id
        self._country = parameters.country or principal.country
        id_ = name_id(self._workspace_id, "import", key)
        self._what = Import(self._workspace_id, id_, parameters.filename, metadata_of(request, key))
        self._run: Run | None = None

    def begin(self) -> tuple[StoredReceipt | None, Upload]:
        """What the key was spent on already, and where the bytes go."""
        store = self._desk.store
        stored = None if self._dry else store.receipt(self._workspace_id, ROUTE, self._key)
        self._run = Run(store, self._desk.clock, self._what, dry=self._dry)
        return stored, Upload(self._run, self._country)

    def give_up(self, problem: Problem) -> None:
        """The request is refused in the middle: what was stored stays, and the import is over."""
        if self._run is not None and self._run.chunks and not self._dry:
            self._run.end(problem.detail, self._receipt(b"refused"))

    def finish(self, upload: Upload, digest: bytes) -> Response:
        """The report."""
        assert self._run is not None
        spent = Spent(ROUTE, self._key, fingerprint(self._request, digest))
        if self._dry:
            upload.feed(b"", last=True)
            self._run.tally.reason = upload.reason
            return json_answer({"dry_run": True, **report(self._run.tally)})
        if stored := spent.stored(self._desk.store, self._workspace_id):
            return self._replayed(stored)
        upload.feed(b"", last=True)
        try:
            done = self._run.end(upload.reason, self._receipt(digest))
        except (ReceiptExists, Rejected):
            if stored := spent.stored(self._desk.store, self._workspace_id):
                return self._replayed(stored)
            raise
        more = report(self._run.tally)
        target = show("import", self._what.id)
        return accepted(CREATED, target, done.version, done.position, "/v1/imports", **more)

    def _receipt(self, digest: bytes) -> Receipt:
        return Receipt(
            self._workspace_id,
            ROUTE,
            self._key,
            fingerprint(self._request, digest),
            CREATED,
            show("import", self._what.id),
            self._what.id,
        )

    def _replayed(self, stored: StoredReceipt) -> Response:
        tally = tally_of(self._desk.store, self._what.id)
        version, position = stored.version, stored.position
        response = accepted(
            CREATED, stored.target, version, position, "/v1/imports", **report(tally)
        )
        response.headers["Idempotent-Replayed"] = "true"
        return response


def report(tally: Tally) -> dict[str, Any]:
    """What became of the rows; the read API has all of them as rows.csv."""
    names = ("created", "updated", "duplicate", "invalid")
    return {
        "status": "failed" if tally.reason else "finished",
        "reason": tally.reason,
        "rows": tally.counts.total(),
        "counts": {name: tally.counts[name] for name in names},
        "problems": [
            {
                "line": problem.line,
                "column": problem.column,
                "value": problem.value,
                "code": problem.code,
                "reason": problem.reason,
            }
            for problem in tally.problems[:SHOWN_PROBLEMS]
        ],
    }
