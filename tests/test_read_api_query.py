"""A statement that is not bound to a workspace is refused when it is declared."""

import pytest
from sqlalchemy import Table, select

from projections import contacts as model
from projections.contacts import contact_words, contacts
from read_api import analytics, campaigns, imports, workspace
from read_api import contacts as contact_endpoints
from read_api.query import One, in_workspace, many, one, part

EVERYTHING = select(contacts.c.contact_id)
ENDPOINTS = (
    *contact_endpoints.ENDPOINTS,
    *campaigns.ENDPOINTS,
    *workspace.ENDPOINTS,
    *imports.ENDPOINTS,
)


def statements(endpoint):
    yield endpoint.statement
    if isinstance(endpoint, One):
        yield from (part.statement for part in endpoint.parts)
    elif endpoint.parent is not None:
        yield endpoint.parent


def test_a_route_that_could_cross_companies_does_not_start():
    bound = EVERYTHING.where(in_workspace(contacts))
    with pytest.raises(AssertionError, match="/all would cross workspaces"):
        one("/all", "All", EVERYTHING, model.projection)
    with pytest.raises(AssertionError, match="/all would cross workspaces"):
        many("/all", "All", EVERYTHING, model.projection, contacts.c.contact_id)
    with pytest.raises(AssertionError, match="/all would cross workspaces"):
        many("/all", "All", bound, model.projection, contacts.c.contact_id, parent=EVERYTHING)
    with pytest.raises(AssertionError, match="words would cross workspaces"):
        part("words", select(contact_words.c.word))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_every_table_of_every_statement_is_narrowed_to_the_workspace(endpoint):
    for statement in statements(endpoint):
        text = str(statement)
        for table in statement.get_final_froms():
            for name in (t.name for t in table._from_objects if isinstance(t, Table)):
                assert f"{name}.workspace_id = " in text, (endpoint.path, name)


def test_the_statements_that_are_no_endpoints_bind_it_as_well():
    for statement in (analytics._DAYS, analytics._PEOPLE, imports._chunk, imports._import):
        assert "workspace_id" in statement.compile().params
