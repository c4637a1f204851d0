"""Ctrl-C in the midst of `blazz projections rebuild`: what it says, what it leaves, what comes next."""

import os
import re
import subprocess
import sys

import pytest
from sqlalchemy import inspect

from infra.database import connect
from infra.event_store import open_store
from infra.migrate import migrate_read, migrate_store
from projections.checkpoints import PARTITIONS
from projections.digest import digest
from projections.rebuild import rebuild
from tests.bench.campaign_log import campaign_log
from tests.bench.rebuild import filled
from tests.installation import ROOT, blazz, clean
from tests.rebuild_process import CHOSEN

NAMES = [projection.name for projection in CHOSEN]
TABLES = [table for projection in CHOSEN for table in projection.tables]
PIECES, SIZE = 5, 200
"""It is stopped after so many pieces of that size; the one being written then is written too."""


class Rebuilt:
    """Databases with live tables that a rebuild has made; the settings that name them."""

    def __init__(self, store_url, read_url):
        self.settings = {"BLAZZ_STORE_URL": store_url, "BLAZZ_READ_URL": read_url}
        migrate_store(store_url)
        migrate_read(read_url)
        self.store, self.engine = open_store(store_url), connect(read_url, durable=False)
        self.facts = filled(self.store, campaign_log(500, workspaces=7, recipients=100))
        rebuild(self.store, self.engine, CHOSEN, PARTITIONS)
        self.before = self.live()

    def live(self):
        """Every table's name, and what the live ones hold."""
        return digest(self.engine, TABLES), set(inspect(self.engine).get_table_names())

    def interrupted(self):
        """What the command said before Ctrl-C ended it."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.rebuild_command", str(PIECES), *NAMES],
            cwd=ROOT,
            env=clean() | self.settings,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            start_new_session=True,
        )
        assert done.returncode == 130, done.stderr
        return done.stderr


@pytest.fixture
def made(mysql_databases):
    made = Rebuilt(mysql_databases(), mysql_databases())
    yield made
    made.engine.dispose()
    made.store.close()


def test_it_says_so_in_a_line_leaves_the_live_tables_and_goes_on_next_time(made):
    (line,) = made.interrupted().splitlines()[-1:]
    said = r"stopped at position \d+: `blazz projections rebuild` goes on from there, "
    assert re.match(said, line), line
    contents, names = made.live()
    assert contents == made.before[0]
    assert names > made.before[1]
    resumed = blazz("projections", "rebuild", **made.settings)
    assert resumed.returncode == os.EX_OK, resumed.stderr
    records = int(re.search(r"2 projections rebuilt from (\d+) records", resumed.stderr)[1])
    assert 0 < records <= made.facts - PIECES * SIZE
    assert "the tables replaced held just the same" in resumed.stderr
    assert made.live() == made.before


def test_what_it_has_done_can_be_dropped(made):
    assert "Traceback" not in made.interrupted()
    dropped = blazz("projections", "cancel", **made.settings)
    assert dropped.returncode == os.EX_OK, dropped.stderr
    assert dropped.stderr == "dropped the half-filled tables of campaigns, messages\n"
    assert made.live() == made.before
    again = blazz("projections", "cancel", **made.settings)
    assert again.stderr == "no rebuild was begun: there is nothing to drop\n"
