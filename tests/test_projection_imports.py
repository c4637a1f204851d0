"""Imports: how far each has got, and what became of each row."""

from domain import contact_import as imp
from projections import imports
from tests.examples import CONTACT, IMPORT, WORKSPACE
from tests.read_models import at, built, changed

of_import = {"workspace_id": WORKSPACE, "import_id": IMPORT}
started = imp.ImportStarted(**of_import, filename="people.csv")
made = imp.RowOutcome(line=2, outcome="created", contact_id=CONTACT)
wrong = imp.RowOutcome(
    line=3, outcome="invalid", column="phone", value="08x", code="bad_phone", reason="no number"
)


def chunk(number, *rows, **counts):
    noughts = {"created": 0, "updated": 0, "duplicate": 0, "invalid": 0}
    return imp.ImportChunkRecorded(**of_import, chunk=number, rows=rows, **{**noughts, **counts})


def test_a_started_import_runs():
    tables = built(imports.projection, started)
    assert changed(tables.one(imports.imports), imports.imports) == {
        "filename": "people.csv",
        "status": "running",
        "started_at": at(1),
        "version": 1,
    }


def test_chunks_add_up_and_every_row_has_its_outcome():
    again = imp.RowOutcome(line=4, outcome="duplicate", contact_id=CONTACT)
    other = imp.RowOutcome(line=5, outcome="updated", contact_id=CONTACT)
    tables = built(
        imports.projection,
        started,
        chunk(1, made, wrong, created=1, invalid=1),
        chunk(2, again, other, duplicate=1, updated=1),
        imp.ImportFinished(**of_import, rows=4),
    )
    row = tables.one(imports.imports)
    counts = [row[f"{name}_count"] for name in ("rows", "created", "updated", "duplicate")]
    assert (*counts, row["invalid_count"]) == (4, 1, 1, 1, 1)
    assert (row["status"], row["finished_at"], row["version"]) == ("finished", at(4), 4)
    rows = tables[imports.import_rows]
    assert [line for _, _, line in rows] == [2, 3, 4, 5]
    assert changed(rows[WORKSPACE, IMPORT, 2], imports.import_rows) == {
        "outcome": "created",
        "contact_id": CONTACT,
        "column_name": "",
        "value": "",
        "reason": "",
    }


def test_an_invalid_row_says_what_was_found_where_and_what_is_wrong_with_it():
    tables = built(imports.projection, chunk(1, wrong, invalid=1))
    assert tables.one(imports.import_rows) == {
        "outcome": "invalid",
        "contact_id": None,
        "column_name": "phone",
        "value": "08x",
        "code": "bad_phone",
        "reason": "no number",
    }


def test_a_failed_import_says_why_and_keeps_what_was_recorded():
    broken = imp.ImportFailed(**of_import, reason="line 9 is not UTF-8")
    tables = built(imports.projection, started, chunk(1, made, created=1), broken)
    row = tables.one(imports.imports)
    assert (row["status"], row["reason"]) == ("failed", "line 9 is not UTF-8")
    assert (row["created_count"], row["finished_at"]) == (1, at(3))
