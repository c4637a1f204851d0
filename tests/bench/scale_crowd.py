"""One company with very many open conversations, and what its people look at."""

from collections.abc import Sequence
from typing import Any, Final

from domain.ids import show
from tests.bench.scale_chat import agent, team
from tests.bench.scale_company import START
from tests.bench.scale_talks import account
from tests.bench.scale_world import Company, World
from tests.bench.screens import Screen

CROWD: Final = 500_000
CROWDED: Final = 7
"""The rank of the company."""
_MARK: Final = -2
_LIST: Final = "/v1/conversations"
_LABELS: Final = {"crowd": 20, "complaint": 200, "lawyer": 5_000}
"""Every how many have them."""


def crowd(opened: Any, world: World) -> Company:
    """Fills the company's inbox, unless that has been done."""
    company, cursor = world.companies[CROWDED], opened.cursor()
    cursor.execute("SELECT 1 FROM scale WHERE chunk = %s", (_MARK,))
    if cursor.fetchone():
        return company
    many = max(1000, round(CROWD * world.size))
    cursor.execute(f"SET SESSION cte_max_recursion_depth = {many + 1}")
    numbers = (
        "WITH RECURSIVE numbers (n) AS"
        f" (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {many})"
    )
    id_ = "UNHEX(CONCAT('f', LPAD(HEX(n), 31, '0')))"
    columns = {"workspace_id": f"0x{company.id.hex}", "conversation_id": id_, **_columns(company)}
    cursor.execute(
        f"INSERT INTO conversations ({', '.join(columns)}) {numbers}"
        f" SELECT {', '.join(columns.values())} FROM numbers"
    )
    for label, every in _LABELS.items():
        cursor.execute(
            "INSERT INTO conversation_labels (workspace_id, label, conversation_id, position)"
            f" {numbers} SELECT 0x{company.id.hex}, '{label}', {id_}, n FROM numbers"
            f" WHERE n % {every} = 0"
        )
    cursor.execute(
        "INSERT INTO inbox_counts (workspace_id, account_id, status, assignee_id, team_id,"
        f" conversations) VALUES (0x{company.id.hex}, 0x{account(company).hex}, 'open',"
        f" 0x{agent(company, 0).hex}, 0x{team(company, 0).hex}, {many})"
        f" AS new ON DUPLICATE KEY UPDATE conversations = inbox_counts.conversations + {many}"
    )
    cursor.execute("INSERT INTO scale VALUES (%s, %s)", (_MARK, world.size))
    opened.commit()
    cursor.execute("ANALYZE TABLE conversations, conversation_labels")
    return company


def _columns(company: Company) -> dict[str, str]:
    """Of the n-th of them, as SQL."""
    agents, teams = (agent(company, 0).hex, agent(company, 1).hex), team(company, 1).hex
    return {
        "contact_id": f"0x{company.of(3, 0).hex}",
        "account_id": f"0x{account(company).hex}",
        "status": "'open'",
        "priority": "IF(n % 1000, 'none', 'urgent')",
        "labels": "'[]'",
        "waiting": "n % 2",
        "assignee_id": f"IF(n % 3, NULL, IF(n % 5, 0x{agents[0]}, 0x{agents[1]}))",
        "team_id": f"IF(n % 7, NULL, 0x{teams})",
        "last_position": f"{company.rank * 10**9 + 500_000_000} + n",
        "last_at": f"'{START:%Y-%m-%d %H:%M:%S}'",
        "last_kind": "'text'",
        "last_direction": "'in'",
        "last_snippet": "'Where is my order'",
        "inbound_count": "1",
        "version": "2",
    }


def _asked(query: str) -> Screen:
    return Screen(f"{_LIST}?{query}", lambda c, _n: f"{_LIST}?{query}".format(**_ids(c)), 9.0)


def _ids(company: Company) -> dict[str, str]:
    return {
        "agent": show("user", agent(company, 1)),
        "team": show("team", team(company, 1)),
        "account": show("account", account(company)),
    }


CROWD_SCREENS: Final[Sequence[Screen]] = (
    *map(_asked, ("limit=50", "status=open", "status=resolved", "assignee={agent}")),
    *map(_asked, ("assignee={agent}&status=open", "assignee=none&status=open")),
    *map(_asked, ("team={team}", "team={team}&status=open", "account={account}")),
    *map(_asked, ("priority=urgent", "priority=none&status=open", "waiting=true")),
    *map(_asked, (f"label={label}" for label in _LABELS)),
    _asked("label=complaint&status=open"),
    Screen("/v1/inbox/counts", lambda _c, _n: "/v1/inbox/counts", 9.0),
)
