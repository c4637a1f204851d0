"""A statement that could cross workspaces is refused before it is asked anything."""

import re
from pathlib import Path

import pytest
from sqlalchemy import and_, bindparam, or_, select, true

from infra.database import connect_async
from projections import contacts as model
from projections.checkpoints import checkpoints
from projections.contacts import contact_words, contacts
from projections.inbox_counts import inbox_counts
from projections.notes import notes
from projections.tables import metadata
from projections.workspaces import api_keys, workspaces
from read_api.beside import beside
from read_api.binding import FOUND_BY, insist_within
from read_api.query import in_workspace, many, one, part
from read_api.sharing import shared
from read_api.source import source

EVERYTHING = select(contacts.c.contact_id)
BOUND = EVERYTHING.where(in_workspace(contacts))
MAY = {"permission": "contacts.read"}
_same = contact_words.c.workspace_id == contacts.c.workspace_id
_word = contact_words.c.contact_id == contacts.c.contact_id
_words = select(contact_words.c.word).where(_word)
_other = contacts.alias("other")
_key = select(workspaces.c.country).join(
    api_keys, api_keys.c.workspace_id == workspaces.c.workspace_id
)
_lateral = _words.correlate(contacts).limit(1)


def test_a_route_that_could_cross_companies_does_not_start():
    key = contacts.c.contact_id
    with pytest.raises(ValueError, match="/all would cross workspaces"):
        one("/all", "All", EVERYTHING, model.projection, **MAY)
    with pytest.raises(ValueError, match="/all would cross workspaces"):
        many("/all", "All", EVERYTHING, model.projection, key, **MAY)
    with pytest.raises(ValueError, match="/all would cross workspaces"):
        many("/all", "All", BOUND, model.projection, key, parent=EVERYTHING, **MAY)
    with pytest.raises(ValueError, match="words would cross workspaces"):
        part("words", select(contact_words.c.word))


@pytest.mark.parametrize("url", ["sqlite:///nowhere", "mysql://nobody@127.0.0.1/nothing"])
def test_no_statement_is_prepared_that_could(url):
    reading = source(connect_async(url))
    reading.prepare(BOUND)
    with pytest.raises(ValueError, match="neither bound nor that of a table"):
        reading.prepare(EVERYTHING)


ASKING_OTHERS = {
    "that is compared otherwise": EVERYTHING.where(
        contacts.c.workspace_id > bindparam("workspace_id")
    ),
    "of another table only": BOUND.where(_word),
    "in an or": EVERYTHING.where(or_(in_workspace(contacts), contacts.c.opted_out == 1)),
    "that is not": EVERYTHING.where(~in_workspace(contacts)),
    "of the same table beside it": BOUND.where(_other.c.phone == contacts.c.phone),
    "in a join": BOUND.join(contact_words, _word),
    "of what rows are kept without": EVERYTHING.outerjoin(
        contact_words, and_(_same, in_workspace(contacts))
    ).where(in_workspace(contact_words)),
    "in an exists": BOUND.where(select(contact_words.c.word).exists()),
    "in a value": BOUND.add_columns(_words.scalar_subquery()),
    "in a selection": select(EVERYTHING.subquery()),
    "in a part": select(BOUND.union_all(EVERYTHING).subquery()),
    "behind a selection": BOUND.join(_words.subquery(), true()),
    "in a lateral one": BOUND.join(_lateral.lateral(), true()),
    "of a list of others": EVERYTHING.where(contacts.c.workspace_id.in_([bindparam("contact_id")])),
    "by another name": EVERYTHING.where(contacts.c.workspace_id == bindparam("contact_id")),
    "of whoever has any key": _key.where(api_keys.c.key_id == bindparam("key_id")),
}
STAYING = {
    "handed on": BOUND.join(contact_words, and_(_word, _same)),
    "kept without": BOUND.outerjoin(contact_words, and_(_word, _same)),
    "in an exists": BOUND.where(_words.where(_same).exists()),
    "in a value": BOUND.add_columns(_words.where(in_workspace(contact_words)).scalar_subquery()),
    "in a selection": select(BOUND.subquery()),
    "in a lateral one": BOUND.join(_lateral.where(_same).lateral(), true()),
    "of several": EVERYTHING.where(
        contacts.c.workspace_id.in_([bindparam("workspace_id_0"), bindparam("workspace_id_1")])
    ),
    "of whoever shows the key": _key.where(api_keys.c.secret_hash == bindparam("hashed")),
    "of all together": select(checkpoints.c.position).where(
        checkpoints.c.projection == bindparam("projection")
    ),
}


@pytest.mark.parametrize("statement", ASKING_OTHERS.values(), ids=ASKING_OTHERS)
def test_each_table_needs_a_workspace_of_its_own(statement):
    with pytest.raises(ValueError, match="would cross workspaces"):
        insist_within(statement)


@pytest.mark.parametrize("statement", STAYING.values(), ids=STAYING)
def test_or_the_workspace_of_a_table_that_has_one(statement):
    insist_within(statement)


def test_what_need_not_be_of_one_workspace_is_named_and_found_by_something_else():
    assert {name: by for name, by in FOUND_BY.items() if by in metadata.tables[name].c} == FOUND_BY
    assert FOUND_BY.keys() == {"api_keys", "checkpoints"}


def test_the_read_api_asks_nothing_without_having_prepared_it():
    """But what it writes itself: rows by their whole keys, tickets by what only their holder knows."""
    asking = {
        path.name
        for path in Path("read_api").rglob("*.py")
        if re.search(r"\.(execute|scalars?|stream)\(", path.read_text())
    }
    assert asking == {"source.py", "connections.py", "deliveries.py", "tickets.py"}


def test_a_route_that_shows_what_is_not_shared_does_not_start():
    all_of_it = select(notes.c.place).where(in_workspace(notes))
    counted = select(inbox_counts.c.status).where(in_workspace(inbox_counts))
    for statement in (all_of_it, counted):
        with pytest.raises(ValueError, match="/all would show conversations"):
            many("/all", "All", statement, model.projection, notes.c.place, **MAY)
        with pytest.raises(ValueError, match="notes would show conversations"):
            part("notes", statement)
    with pytest.raises(ValueError, match="notes would show conversations"):
        beside("notes", all_of_it, notes.c.note_id, contacts.c.contact_id, list, told=())
    part("notes", all_of_it.where(shared(notes)))
