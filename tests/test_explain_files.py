"""What is asked of files goes by an index, however many there are."""

from uuid import UUID

import pytest
from sqlalchemy import insert

from commands.policies.wanted_files import wanted_statement
from domain.access import ROLES, Principal
from infra.database import connect
from infra.migrate import migrate_read
from projections.accounts import accounts
from projections.files import file_uses, files, files_wanted
from projections.people import number_shares
from projections.transcript_tables import transcript
from read_api.files import ONE
from read_api.sharing import viewing
from read_api.source import _Text
from tests.plans import plan
from tests.scale_site import empty
from tests.spec import NOW

COMPANIES, EACH = [UUID(int=n) for n in range(1, 11)], 300
WHO = Principal(
    workspace_id=COMPANIES[0],
    permissions=ROLES["agent"],
    key_id=UUID(int=1),
    user_id=UUID(int=1),
    session_id=UUID(int=1),
    role="agent",
)


@pytest.fixture(scope="module")
def read_engine(mysql_url):
    with empty(mysql_url) as url:
        migrate_read(url)
        engine = connect(url, durable=False)
        with engine.begin() as connection:
            _fill(connection)
        yield engine
        engine.dispose()


def _fill(connection):
    rows = {files: [], file_uses: [], files_wanted: [], transcript: []}
    for c, workspace_id in enumerate(COMPANIES):
        number = {"workspace_id": workspace_id, "account_id": UUID(int=100 + c)}
        connection.execute(insert(accounts).values(**number, provider="cloud_api"))
        share = {"workspace_id": workspace_id, "user_id": UUID(int=1)}
        connection.execute(insert(number_shares).values(**share, account_id=UUID(int=100 + c)))
        for n in range(EACH):
            ids = {"workspace_id": workspace_id, "file_id": UUID(int=1000 + n)}
            of = {**number, "message_id": UUID(int=5000 + n), "conversation_id": UUID(int=n % 30)}
            position = n * len(COMPANIES) + c + 1
            rows[files].append({**ids, "status": "stored", "sha256": f"{n:064x}"})
            rows[file_uses].append({**of, "edition": 0, "file_id": ids["file_id"]})
            rows[transcript].append({**of, "place": f"{n:028x}"})
            rows[files_wanted].append({**ids, **of, "position": position, "at": NOW})
    for table, some in rows.items():
        connection.execute(insert(table), some)
        connection.exec_driver_sql(f"ANALYZE TABLE {table.name}")


STATEMENTS = {
    "the file itself": (ONE, {**viewing(WHO), "file_id": UUID(int=1007)}),
    "those to be fetched": (wanted_statement, {"behind": 40, "page": 50}),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_goes_by_an_index(read_engine, name):
    statement, values = STATEMENTS[name]
    text = _Text(statement).filled({**values, "workspace_id": COMPANIES[0]})
    with read_engine.connect() as connection:
        cursor = connection.connection.cursor()
        for step in plan(cursor, text):
            assert not step.scans, (step, text)
            assert not step.sorts, (step, text)
