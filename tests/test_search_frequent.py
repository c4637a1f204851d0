"""Search among very many: words that most have, and words that are seldom or never together."""

from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx2
import pytest

from domain.ids import show
from projections.words import bits_of
from tests.bench.reading import serving, statements
from tests.bench.scale_company import shown_key
from tests.bench.scale_load import connection
from tests.bench.scale_world import World
from tests.bench.screens import Get
from tests.plans import plan
from tests.scale_site import SIZE, loaded
from tests.test_slow_inbox import HANDLED, NUMBERS

MANY = 20_000
COMPANY = World(SIZE).companies[0]
WORDS = "CONCAT(IF(n % 2, ' zita', ' zudi'), ' anna', n % 97, IF(n % 1000, '', ' zelten'))"
"""Half of them have one name, half the other, and everybody one of 97 more."""
BITS = (
    f"IF(words LIKE ' zita%', {bits_of(['zita'])}, {bits_of(['zudi'])}) | {bits_of(['anna'])}"
    f" | IF(words LIKE '% zelten', {bits_of(['zelten'])}, 0)"
)
AT_MOST = {
    "zita": 600,
    "z": 3_000,
    "anna": 3_000,
    "zita anna": 3_000,
    "zita anna5": 12_000,
    "zelten zita": 300,
    "zelten zudi": 300,
    "zita zudi": 26_000,
}
"""Rows and index entries read for a page: of the last, all the words that are looked at before
giving up, twice each, and nobody behind them."""


@pytest.fixture(scope="module")
def read_url(mysql_url):
    with loaded(mysql_url) as url:
        with connection(url) as opened:
            cursor = opened.cursor()
            cursor.execute(f"SET SESSION cte_max_recursion_depth = {MANY}")
            id_ = "UNHEX(CONCAT('f', LPAD(HEX(n), 31, '0')))"
            cursor.execute(
                f"INSERT INTO contacts (workspace_id, contact_id, words) {NUMBERS.format(many=MANY)}"
                f" SELECT 0x{COMPANY.id.hex}, {id_}, {WORDS} FROM numbers"
            )
            for at in (2, 3, 4):
                its = f"SUBSTRING_INDEX(SUBSTRING_INDEX(words, ' ', {at}), ' ', -1)"
                cursor.execute(
                    "INSERT INTO contact_words (workspace_id, contact_id, word, bits) SELECT"
                    f" workspace_id, contact_id, {its}, {BITS} FROM contacts WHERE words LIKE ' z%' AND"
                    f" LENGTH(words) - LENGTH(REPLACE(words, ' ', '')) >= {at - 1}"
                )
            opened.commit()
            cursor.execute("ANALYZE TABLE contacts, contact_words")
        yield url


def asked(read_url, text):
    url = f"/v1/contacts?search={text.replace(' ', '+')}"
    (texts,) = statements(read_url, [Get(url, shown_key(COMPANY))])
    return ";".join(text for text, _ in texts).split(";")


@pytest.mark.parametrize("text", AT_MOST)
def test_a_search_reads_little_more_than_what_it_finds(read_url, text):
    texts = asked(read_url, text)
    with connection(read_url) as opened:
        cursor = opened.cursor()
        cursor.execute("FLUSH STATUS")
        for one in texts:
            cursor.execute(one)
            cursor.fetchall()
        cursor.execute(HANDLED)
        read = sum(int(count) for _, count in cursor.fetchall())
        assert read < AT_MOST[text], f"{read} rows and index entries were read"
        for one in texts:
            for step in plan(cursor, one):
                assert not step.scans, (step, one)


@pytest.fixture(scope="module")
def http(read_url):
    with serving(read_url) as port:
        client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        client.headers["Authorization"] = f"Bearer {shown_key(COMPANY)}"
        yield client
        client.close()


def pages(http, text):
    answer = http.get("/v1/contacts", params={"search": text, "limit": 100}).json()
    yield answer["items"]
    while answer["next_url"]:
        query = dict(parse_qsl(urlsplit(answer["next_url"]).query))
        answer = http.get("/v1/contacts", params=query).json()
        yield answer["items"]


@pytest.mark.parametrize(
    "text", ["zelten zita", "zelten zudi", "zita anna5", "anna96 zu", "zita zudi"]
)
def test_all_pages_together_are_what_has_the_words_latest_first(read_url, http, text):
    with connection(read_url) as opened:
        cursor = opened.cursor()
        like = " AND ".join(f"words LIKE '% {term}%'" for term in text.split())
        cursor.execute(
            f"SELECT contact_id FROM contacts WHERE workspace_id = 0x{COMPANY.id.hex} AND {like}"
            " AND deleted = 0 ORDER BY contact_id DESC"
        )
        expected = [row[0].hex() for row in cursor.fetchall()]
    found = [item["contact_id"] for page in pages(http, text) for item in page]
    assert [id_.partition("_")[2] for id_ in found] == expected


def test_a_search_that_looked_at_much_in_vain_says_where_it_goes_on(http):
    found = list(pages(http, "zita zudi"))
    assert len(found) > 1
    assert not any(found)


def test_a_word_that_has_come_since_is_found_at_once(read_url, http):
    with connection(read_url) as opened:
        cursor = opened.cursor()
        before = http.get("/v1/contacts?search=zelt&limit=1").json()["items"]
        id_ = "f" * 32
        cursor.execute(
            "INSERT INTO contacts (workspace_id, contact_id, words)"
            f" VALUES (0x{COMPANY.id.hex}, 0x{id_}, ' zeltina')"
        )
        cursor.execute(
            "INSERT INTO contact_words (workspace_id, contact_id, word)"
            f" VALUES (0x{COMPANY.id.hex}, 0x{id_}, 'zeltina')"
        )
        opened.commit()
        after = http.get("/v1/contacts?search=zelt&limit=1").json()["items"]
        cursor.execute(f"DELETE FROM contacts WHERE contact_id = 0x{id_}")
        cursor.execute(f"DELETE FROM contact_words WHERE contact_id = 0x{id_}")
        opened.commit()
    assert before != after
    assert after[0]["contact_id"] == show("contact", UUID(hex=id_))
