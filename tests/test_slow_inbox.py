"""An inbox with very many open conversations, and a very long one: a page reads its rows only."""

import asyncio
from uuid import UUID

import pytest

import read_api.listing
import read_api.shared_lists
from domain.ids import show
from tests.bench.reading import answering, statements
from tests.bench.scale_chat import agent, team
from tests.bench.scale_company import shown_key
from tests.bench.scale_load import connection
from tests.bench.scale_people import access
from tests.bench.scale_talks import conversation
from tests.bench.scale_world import World
from tests.bench.screens import Get
from tests.plans import plan
from tests.scale_site import SIZE, loaded

MANY, PAGE, A_ROW = 20_000, 50, 8
COMPANY = World(SIZE).companies[0]
FEW = [COMPANY.of(2, 1 + n) for n in range(8)]
"""Numbers that have a conversation now and then, between the many of another one."""
AGENTS = {"none": [], "one": FEW[:1], "several": FEW, "many": [COMPANY.of(2, 0)]}
"""The numbers that are shared with them; the last one has the many."""
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
            cursor.execute(_more("calls", "call_id", _calls()))
            for name in AGENTS:
                _join(cursor, name)
            _count(cursor)
            opened.commit()
            cursor.execute("ANALYZE TABLE conversations, transcript, conversation_labels, calls")
        yield url


def _conversations():
    return {
        "contact_id": f"0x{COMPANY.of(3, 0).hex}",
        "account_id": _number(),
        "status": "'open'",
        "priority": "'none'",
        "labels": "'[]'",
        "waiting": "1",
        "assignee_id": f"0x{agent(COMPANY, 1).hex}",
        "team_id": f"0x{team(COMPANY, 1).hex}",
        "last_position": "9000000000 + n",
    }


def _number():
    """Of two hundred in a row, one is of each of the few."""
    few = " ".join(f"WHEN {n} THEN 0x{number.hex}" for n, number in enumerate(FEW))
    return f"CASE n % 200 {few} ELSE 0x{COMPANY.of(2, 0).hex} END"


def _calls():
    return {"account_id": _number(), "place": "LPAD(HEX(n), 28, '0')", "direction": "'in'"}


def _user(name):
    return UUID(int=0xA0 + list(AGENTS).index(name))


def _join(cursor, name):
    whose = f"0x{COMPANY.id.hex}, 0x{_user(name).hex}"
    cursor.execute(
        "INSERT INTO users (workspace_id, user_id, role, status)"
        f" VALUES ({whose}, 'agent', 'active')"
    )
    cursor.execute(
        "INSERT INTO sessions (workspace_id, session_id, user_id, expires_at)"
        f" VALUES ({whose}, 0x{_user(name).hex}, '2100-01-01')"
    )
    for number in AGENTS[name]:
        cursor.execute(
            "INSERT INTO number_shares (workspace_id, user_id, account_id)"
            f" VALUES ({whose}, 0x{number.hex})"
        )


def _count(cursor):
    who = f"0x{agent(COMPANY, 1).hex}, 0x{team(COMPANY, 1).hex}"
    cursor.execute(
        "INSERT INTO inbox_counts (workspace_id, assignee_id, team_id, status, account_id,"
        f" conversations) SELECT 0x{COMPANY.id.hex}, {who}, 'pending', account_id, COUNT(*)"
        f" FROM conversations WHERE workspace_id = 0x{COMPANY.id.hex} GROUP BY account_id"
    )


def token(name):
    return access(COMPANY, _user(name), _user(name))


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


URLS = (
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
    "/v1/calls",
)


@pytest.mark.parametrize("url", URLS)
def test_a_page_of_many_reads_little_more_than_its_own_rows(read_url, url):
    (read,) = rows_read(read_url, [url], shown_key(COMPANY))
    assert read < PAGE * A_ROW * 2, f"{read} rows and index entries were read"


def rows_read(read_url, urls, who):
    """How many rows and index entries the database reads for each answer."""
    found = statements(read_url, [Get(url, who) for url in urls], {200, 404})
    with connection(read_url) as opened:
        return [handled(opened.cursor(), asked) for asked in found]


def handled(cursor, asked):
    cursor.execute("FLUSH STATUS")
    for text in ";".join(text for text, _ in asked).split(";"):
        cursor.execute(text)
        cursor.fetchall()
    cursor.execute(HANDLED)
    return sum(int(count) for _, count in cursor.fetchall())


LISTS = [url for url in URLS if url.startswith("/v1/conversations") and ONE not in url]
LABEL = "conversation_labels"
"""Those with a label that few have are sorted."""
OF_A_NUMBER = 4 * (PAGE + 1) * A_ROW
"""A page of each state may be read."""


@pytest.mark.parametrize("name", AGENTS)
def test_an_agent_reads_no_more_for_how_many_there_are(read_url, name):
    most = PAGE * A_ROW * 2 + OF_A_NUMBER * len(AGENTS[name])
    for url, read in zip(URLS, rows_read(read_url, URLS, token(name)), strict=True):
        assert read < most, f"{url}: {read} rows and index entries were read"


def test_what_is_far_between_is_looked_for_some_at_a_time(read_url, monkeypatch):
    monkeypatch.setattr(read_api.listing, "FEW", 0)
    monkeypatch.setattr(read_api.shared_lists, "LOOKS", (100, 200))
    for url, read in zip(LISTS, rows_read(read_url, LISTS, token("one")), strict=True):
        assert read < (2 * PAGE + 100 + 200) * A_ROW * 2, f"{url}: {read} were read"


@pytest.mark.parametrize("few", [0, 3000], ids=["looked_for", "walked"])
@pytest.mark.parametrize("name", ["none", "one", "several"])
def test_an_agent_finds_what_others_find_of_their_numbers(read_url, monkeypatch, few, name):
    monkeypatch.setattr(read_api.listing, "FEW", few)
    asyncio.run(compared(read_url, name))


async def compared(read_url, name):
    """Each number's list as it is shown to a key; an agent has them all in one."""
    async with answering(read_url, []) as client:
        for url in LISTS:
            mine = await paged(client, url, token(name))
            every = []
            for number in AGENTS[name] if "account=" not in url else ():
                its = f"account={show('account', number)}"
                every += await paged(client, f"{url}{'&' if '?' in url else '?'}{its}")
            assert mine == sorted(every, reverse=True), url


async def paged(client, url, who=None):
    """All of a list that is not of very many: when each was last active, and its id."""
    found, headers = [], {"Authorization": f"Bearer {who or shown_key(COMPANY)}"}
    while url and len(found) < MANY / 10:
        answer = (await client.get(url, headers=headers)).json()
        found += [(item["last_position"], item["conversation_id"]) for item in answer["items"]]
        url = answer["next_url"]
    return found


def test_an_agents_statements_go_by_an_index(read_url, monkeypatch):
    for few in (0, 3000):
        monkeypatch.setattr(read_api.listing, "FEW", few)
        found = statements(read_url, [Get(url, token("several")) for url in URLS], {200, 404})
        with connection(read_url) as opened:
            for text in ";".join(text for asked in found for text, _ in asked).split(";"):
                for step in plan(opened.cursor(), text):
                    assert not step.scans, (step, text)
                    lies = step.table in ("conversations", "calls") and LABEL not in text
                    assert not (lies and step.sorts), (step, text)
