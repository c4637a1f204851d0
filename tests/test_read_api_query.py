"""A statement that is not bound to a workspace is refused when it is declared."""

import pytest
from sqlalchemy import Alias, Table, select

from projections import contacts as model
from projections.contacts import contact_words, contacts
from projections.inbox_counts import inbox_counts
from projections.notes import notes
from read_api import (
    analytics,
    calls,
    campaigns,
    chat_analytics,
    imports,
    inbox,
    message_search,
    teams,
    transcripts,
    workspace,
)
from read_api import contacts as contact_endpoints
from read_api import conversations as conversation_endpoints
from read_api.beside import beside
from read_api.query import One, in_workspace, many, one, part
from read_api.sharing import shared

EVERYTHING = select(contacts.c.contact_id)
ENDPOINTS = (
    *contact_endpoints.ENDPOINTS,
    *campaigns.ENDPOINTS,
    *workspace.ENDPOINTS,
    *imports.ENDPOINTS,
    *conversation_endpoints.ENDPOINTS,
    *transcripts.ENDPOINTS,
    *inbox.ENDPOINTS,
    *calls.ENDPOINTS,
    *teams.ENDPOINTS,
    *message_search.ENDPOINTS,
)


def statements(endpoint):
    yield endpoint.statement
    if isinstance(endpoint, One):
        yield from (part.statement for part in endpoint.parts)
        return
    yield from (beside.statement for beside in endpoint.besides)
    if endpoint.parent is not None:
        yield endpoint.parent


MAY = {"permission": "contacts.read"}


def test_a_route_that_could_cross_companies_does_not_start():
    bound = EVERYTHING.where(in_workspace(contacts))
    key = contacts.c.contact_id
    with pytest.raises(AssertionError, match="/all would cross workspaces"):
        one("/all", "All", EVERYTHING, model.projection, **MAY)
    with pytest.raises(AssertionError, match="/all would cross workspaces"):
        many("/all", "All", EVERYTHING, model.projection, key, **MAY)
    with pytest.raises(AssertionError, match="/all would cross workspaces"):
        many("/all", "All", bound, model.projection, key, parent=EVERYTHING, **MAY)
    with pytest.raises(AssertionError, match="words would cross workspaces"):
        part("words", select(contact_words.c.word))


def test_a_route_that_shows_what_is_not_shared_does_not_start():
    all_of_it = select(notes.c.place).where(in_workspace(notes))
    counted = select(inbox_counts.c.status).where(in_workspace(inbox_counts))
    for statement in (all_of_it, counted):
        with pytest.raises(AssertionError, match="/all would show conversations"):
            many("/all", "All", statement, model.projection, notes.c.place, **MAY)
        with pytest.raises(AssertionError, match="notes would show conversations"):
            part("notes", statement)
    with pytest.raises(AssertionError, match="notes would show conversations"):
        beside("notes", all_of_it, notes.c.note_id, contacts.c.contact_id, list, told=())
    part("notes", all_of_it.where(shared(notes)))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_every_table_of_every_statement_is_narrowed_to_the_workspace(endpoint):
    for statement in statements(endpoint):
        text = str(statement)
        for table in statement.get_final_froms():
            for name in (t.name for t in table._from_objects if isinstance(t, Table | Alias)):
                assert f"{name}.workspace_id = " in text, (endpoint.path, name)


def test_the_statements_that_are_no_endpoints_bind_it_as_well():
    asked = (analytics._DAYS, analytics._PEOPLE, imports._chunk, imports._import)
    for statement in (*asked, chat_analytics._ROWS):
        assert "workspace_id" in statement.compile().params
