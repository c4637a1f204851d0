"""Rules of an import of contacts."""

import pytest
from msgspec.structs import replace

from domain.contact_import import (
    FailImport,
    FinishImport,
    ImportChunkRecorded,
    ImportFailed,
    ImportFinished,
    ImportStarted,
    RecordImportChunk,
    RowOutcome,
    StartImport,
    contact_import,
)
from tests.examples import CONTACT, IMPORT, WORKSPACE
from tests.spec import given

ids = {"workspace_id": WORKSPACE, "import_id": IMPORT}
rows = (
    RowOutcome(line=2, outcome="created", contact_id=CONTACT),
    RowOutcome(line=3, outcome="updated", contact_id=CONTACT),
    RowOutcome(line=4, outcome="duplicate", contact_id=CONTACT),
    RowOutcome(line=5, outcome="duplicate", contact_id=CONTACT),
    RowOutcome(
        line=6, outcome="invalid", column="phone", value="x", code="invalid_phone", reason="no"
    ),
)
started = ImportStarted(**ids, filename="people.csv")
recorded = ImportChunkRecorded(
    **ids, chunk=1, rows=rows, created=1, updated=1, duplicate=2, invalid=1
)
second = ImportChunkRecorded(
    **ids, chunk=2, rows=rows[:1], created=1, updated=0, duplicate=0, invalid=0
)
finished, failed = ImportFinished(**ids, rows=5), ImportFailed(**ids, reason="not UTF-8")
record = RecordImportChunk(**ids, chunk=1, rows=rows)
finish, fail = FinishImport(**ids), FailImport(**ids, reason="not UTF-8")


def test_an_import_is_started_once():
    start = StartImport(**ids, filename="people.csv")
    given(contact_import).when(start).then(started)
    given(contact_import, started).when(start).then()
    given(contact_import, started, recorded, finished).when(start).then()
    other = given(contact_import, started).when(StartImport(**ids, filename="other.csv"))
    other.refused("import_exists", "imp_")


@pytest.mark.parametrize("command", [record, finish, fail])
def test_nothing_can_be_asked_of_an_absent_import(command):
    given(contact_import).when(command).refused("not_found", "there is no import imp_")


def test_rows_are_recorded_chunk_by_chunk_and_counted():
    given(contact_import, started).when(record).then(recorded)
    next_one = replace(record, chunk=2, rows=rows[:1])
    given(contact_import, started, recorded).when(next_one).then(second)
    past = given(contact_import, started, recorded, second)
    past.when(finish).then(ImportFinished(**ids, rows=6))


def test_a_chunk_is_recorded_once_also_after_the_end():
    given(contact_import, started, recorded).when(record).then()
    given(contact_import, started, recorded, finished).when(record).then()


@pytest.mark.parametrize("chunk", [0, 3])
def test_no_chunk_is_left_out(chunk):
    asked = given(contact_import, started, recorded).when(replace(record, chunk=chunk))
    asked.refused("wrong_chunk", f"chunk {chunk}", "next one is 2")


def test_an_import_finishes_once():
    given(contact_import, started, recorded).when(finish).then(finished)
    given(contact_import, started, recorded, finished).when(finish).then()
    given(contact_import, started).when(finish).then(ImportFinished(**ids, rows=0))


def test_an_import_fails_once_and_keeps_its_rows():
    given(contact_import, started, recorded).when(fail).then(failed)
    given(contact_import, started, recorded, failed).when(FailImport(**ids, reason="x")).then()


def test_an_ended_import_stays_as_it_is():
    third = replace(record, chunk=2)
    done = given(contact_import, started, recorded, finished)
    done.when(third).refused("wrong_state", "finished")
    done.when(fail).refused("wrong_state", "finished", "fail")
    broken = given(contact_import, started, recorded, failed)
    broken.when(third).refused("wrong_state", "failed")
    broken.when(finish).refused("wrong_state", "failed", "finish")
