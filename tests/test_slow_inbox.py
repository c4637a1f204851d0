"""An inbox with very many open conversations, and a very long one: a page reads its rows only."""

import pytest

from domain.ids import show
from tests.bench.reading import statements
from tests.bench.scale_chat import agent, team
from tests.bench.scale_company import shown_key
from tests.bench.scale_load import connection
from tests.bench.scale_talks import conversation
from tests.bench.scale_world import World
from tests.bench.screens import Get
from tests.scale_site import SIZE, loaded

MANY, PAGE, A_ROW = 20_000, 50, 8
COMPANY = World(SIZE).companies[0]
NUMBERS = (
    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {many})"
)
HANDLED = "SHOW SESSION STATUS WHERE Variable_name LIKE 'Handler\\_read%'"


@pytest.fixture(scope="module")
def read_url(mysql_url):
    with loaded(mysql_url) as url:
        with connection(url) as opened:
            cursor = opened.cursor()
            cursor.execute(f"SET SESSION cte_max_recursion_depth = {MANY}")
            cursor.execute(_more("conversations", "conversation_id", _conversations()))
            cursor.execute(_more("transcript", "message_id", _messages()))
            cursor.execute(
                _more("conversation_labels", "conversation_id", _labels("everywhere", 1))
            )
            cursor.execute(_more("conversation_labels", "conversation_id", _labels("seldom", 1000)))
            opened.commit()
            cursor.execute("ANALYZE TABLE conversations, transcript, conversation_labels")
        yield url


def _conversations():
    account, contact = COMPANY.of(2, 0).hex, COMPANY.of(3, 0).hex
    return {
        "contact_id": f"0x{contact}",
        "account_id": f"0x{account}",
        "status": "'open'",
        "priority": "'none'",
        "labels": "'[]'",
        "waiting": "1",
        "assignee_id": f"0x{agent(COMPANY, 1).hex}",
        "team_id": f"0x{team(COMPANY, 1).hex}",
        "last_position": "9000000000 + n",
    }


def _labels(label, every):
    return {"label": f"IF(n % {every}, CONCAT('{label}', n), '{label}')"}


def _messages():
    account, contact = COMPANY.of(2, 0).hex, COMPANY.of(3, 0).hex
    return {
        "conversation_id": f"0x{conversation(COMPANY, 0).hex}",
        "contact_id": f"0x{contact}",
        "account_id": f"0x{account}",
        "direction": "'in'",
        "kind": "'text'",
        "body": "'Halo'",
        "place": "LPAD(HEX(n), 28, '0')",
    }


def _more(table, key, columns):
    names = ", ".join(columns)
    return (
        f"INSERT INTO {table} (workspace_id, {key}, {names}) {NUMBERS.format(many=MANY)}"
        f" SELECT 0x{COMPANY.id.hex}, UNHEX(LPAD(HEX(n), 32, '0')), {', '.join(columns.values())} FROM numbers"
    )


ONE = f"/v1/conversations/{show('conversation', conversation(COMPANY, 0))}"
ME = show("user", agent(COMPANY, 1))


@pytest.mark.parametrize(
    "url",
    [
        "/v1/conversations",
        "/v1/conversations?status=open",
        f"/v1/conversations?assignee={ME}&status=open",
        "/v1/conversations?waiting=true",
        f"/v1/conversations?account={show('account', COMPANY.of(2, 0))}&status=open",
        f"/v1/conversations?account={show('account', COMPANY.of(2, 0))}",
        f"/v1/conversations?team={show('team', team(COMPANY, 1))}",
        "/v1/conversations?priority=none",
        "/v1/conversations?priority=urgent",
        "/v1/conversations?label=everywhere",
        "/v1/conversations?label=seldom",
        "/v1/inbox/counts",
        f"{ONE}/messages",
    ],
)
def test_a_page_of_many_reads_little_more_than_its_own_rows(read_url, url):
    (asked,) = statements(read_url, [Get(url, shown_key(COMPANY))])
    with connection(read_url) as opened:
        cursor = opened.cursor()
        cursor.execute("FLUSH STATUS")
        for text in ";".join(text for text, _ in asked).split(";"):
            cursor.execute(text)
            cursor.fetchall()
        cursor.execute(HANDLED)
        read = sum(int(count) for _, count in cursor.fetchall())
    assert read < PAGE * A_ROW * 2, f"{read} rows and index entries were read"
