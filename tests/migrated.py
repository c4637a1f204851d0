"""Databases with the tables of today and nothing in them, for tests of something else: to migrate
one takes longer than most of what is done with it.
"""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, make_url, text

from infra.database import connect
from infra.migrate import migrate_read, migrate_store

_MIGRATE = {"store": migrate_store, "read": migrate_read}
_TRUNCATED = """
SELECT event_object_table FROM information_schema.triggers WHERE trigger_schema = DATABASE()
UNION SELECT table_name FROM information_schema.columns
WHERE table_schema = DATABASE() AND extra = 'auto_increment'
"""
"""Tables that refuse to have rows taken away, and those that would go on with their numbers."""


def migrated(url, tree):
    """Brings a database there, and returns its URL. A new file is a copy of one made before."""
    parsed = make_url(url)
    if parsed.drivername != "sqlite" or Path(parsed.database).exists():
        _MIGRATE[tree](url)
    else:
        Path(parsed.database).write_bytes(_new_file(tree))
    return url


@cache
def _new_file(tree):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new.sqlite"
        _MIGRATE[tree](f"sqlite:///{file}")
        return file.read_bytes()


class Emptied:
    """A MySQL database that one test after the other has to itself; its tables must stay."""

    def __init__(self, url, tree):
        self.url = migrated(url, tree)
        engine = connect(url)
        with engine.connect() as connection:
            self._truncated = set(connection.scalars(text(_TRUNCATED)))
            self._rows = {
                table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]
                for table in inspect(connection).get_table_names()
                if not table.startswith("migrations_")
            }
        engine.dispose()

    def empty(self):
        """As it was made."""
        engine = connect(self.url)
        with engine.begin() as connection:
            for table, rows in self._rows.items():
                # The other is ten times as quick for tables in which there is little.
                emptying = "TRUNCATE TABLE" if table in self._truncated else "DELETE FROM"
                connection.exec_driver_sql(f"{emptying} {table}")
                for row in rows:
                    places = ", ".join(["%s"] * len(row))
                    connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({places})", row)
        engine.dispose()
