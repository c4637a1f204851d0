"""Contact imports: their progress, and what became of each row of the file."""

from typing import Any

from domain.contact_import import (
    ImportChunkRecorded,
    ImportEvent,
    ImportFailed,
    ImportFinished,
    ImportStarted,
)
from domain.kernel import Recorded
from projections.columns import instant, key, key_number, link, long_text, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, add, put

imports = read_model(
    "imports",
    key("workspace_id"),
    key("import_id"),
    long_text("filename"),
    text("status", 16),
    number("rows_count"),
    number("created_count"),
    number("updated_count"),
    number("duplicate_count"),
    number("invalid_count"),
    long_text("reason"),
    instant("started_at"),
    instant("finished_at"),
    number("version"),
)

import_rows = read_model(
    "import_rows",
    key("workspace_id"),
    key("import_id"),
    key_number("line"),
    text("outcome", 16),
    link("contact_id"),
    long_text("column_name"),
    long_text("value"),
    text("code", 64),
    long_text("reason"),
)

projection = Projection("imports", imports, import_rows)


def _import(event: ImportEvent, recorded: Recorded, **columns: Any) -> Row:
    return put(
        imports,
        workspace_id=event.workspace_id,
        import_id=event.import_id,
        version=recorded.version,
        **columns,
    )


@projection.on
def started(event: ImportStarted, recorded: Recorded) -> Row:
    return _import(
        event,
        recorded,
        filename=event.filename,
        status="running",
        started_at=recorded.recorded_at,
    )


@projection.on
def chunk_recorded(event: ImportChunkRecorded, recorded: Recorded) -> list[Row]:
    counts = add(
        imports,
        workspace_id=event.workspace_id,
        import_id=event.import_id,
        rows_count=len(event.rows),
        created_count=event.created,
        updated_count=event.updated,
        duplicate_count=event.duplicate,
        invalid_count=event.invalid,
    )
    outcomes = [
        put(
            import_rows,
            workspace_id=event.workspace_id,
            import_id=event.import_id,
            line=row.line,
            outcome=row.outcome,
            contact_id=row.contact_id,
            column_name=row.column,
            value=row.value,
            code=row.code,
            reason=row.reason,
        )
        for row in event.rows
    ]
    return [_import(event, recorded), counts, *outcomes]


@projection.on
def finished(event: ImportFinished, recorded: Recorded) -> Row:
    return _import(event, recorded, status="finished", finished_at=recorded.recorded_at)


@projection.on
def failed(event: ImportFailed, recorded: Recorded) -> Row:
    return _import(
        event,
        recorded,
        status="failed",
        reason=event.reason,
        finished_at=recorded.recorded_at,
    )
