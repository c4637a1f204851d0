"""A rebuild that several processes share: the same tables, whatever is parked, whoever is killed."""

import multiprocessing
import os
import re
import signal
import subprocess
import sys

import pytest

from infra.database import connect
from infra.migrate import migrate_read
from projections import team
from projections.checkpoints import PARTITIONS
from projections.digest import digest
from projections.rebuild import rebuild
from projections.team import MemberLost
from tests.bench.campaign_log import campaign_log
from tests.installation import ROOT, until
from tests.rebuild_process import CHOSEN
from tests.tallies import Kept, set_aside

TABLES = [table for projection in CHOSEN for table in projection.tables]
FACTS = campaign_log(500, workspaces=7, recipients=100)


@pytest.fixture
def engine(mysql_databases):
    url = mysql_databases()
    migrate_read(url)
    engine = connect(url, durable=False)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr("projections.filling.CHUNK", 100)
    monkeypatch.setattr("projections.loading.SMALLEST", 0)
    monkeypatch.setattr(team, "MANY", 0)


class Noted(Kept):
    """A log whose readings are written down: by which process, from where."""

    def __init__(self, path, found):
        super().__init__(found)
        self.path = path

    def read(self, after, limit):
        with self.path.open("a") as file:
            file.write(f"{os.getpid()} {after}\n")
        return super().read(after, limit)


def shared(engine, folder, found, told=lambda _: None):
    """The rebuild, and from where processes other than this one have read."""
    path = folder / "noted"
    path.write_text("")
    done = rebuild(Kept(found), engine, CHOSEN, PARTITIONS, told, lambda: Noted(path, found))
    lines = [line.split() for line in path.read_text().splitlines()]
    assert str(os.getpid()) not in {process for process, _ in lines}
    return done, {process for process, _ in lines}, {int(after) for _, after in lines}


def alone(engine, found):
    """What one process makes of it."""
    rebuild(Kept(found), engine, CHOSEN, PARTITIONS)
    return digest(engine, TABLES), set_aside(engine)


def test_several_processes_make_what_one_makes(engine, tmp_path):
    expected = alone(engine, FACTS)
    done, processes, places = shared(engine, tmp_path, FACTS)
    assert done.records == len(FACTS)
    assert done.comparison == (True, ())
    assert len(processes) > 1
    assert places == set(range(0, len(FACTS), 100))
    assert (digest(engine, TABLES), set_aside(engine)) == expected
    assert multiprocessing.active_children() == []


def test_a_record_parked_on_the_way_holds_its_stream_as_ever(engine, tmp_path):
    found = list(FACTS)
    for position in (1250, 1251):
        found[position] = found[position]._replace(data=b'{"type":"MessageSent"}')
    expected = alone(engine, found)
    done, processes, places = shared(engine, tmp_path, found)
    assert done.parked == len(expected[1]) > 2
    assert len(processes) > 1
    assert max(places) > 2500  # it is still shared behind the parked ones
    assert (digest(engine, TABLES), set_aside(engine)) == expected


def test_one_that_is_killed_ends_the_rebuild_which_goes_on_next_time(engine, tmp_path):
    expected = alone(engine, FACTS)
    killed = []

    def told(progress):
        if progress.position >= 1000 and not killed:
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    with pytest.raises(MemberLost) as lost:
        shared(engine, tmp_path, FACTS, told)
    said = rf"^process {killed[0]}, which read .* was ended by signal 9 \(SIGKILL\): what was "
    assert re.search(said, str(lost.value))
    assert multiprocessing.active_children() == []
    assert (digest(engine, TABLES), set_aside(engine)) == expected
    done, _, places = shared(engine, tmp_path, FACTS)
    assert min(places) >= 1000
    assert 0 < done.records <= len(FACTS) - 1000
    assert (digest(engine, TABLES), set_aside(engine)) == expected


def test_what_they_cannot_read_is_said_by_the_one_that_asks(engine, tmp_path):
    class Broken(Kept):
        def read(self, after, limit):
            if after >= 1000:
                raise RuntimeError("a gap in the log")
            return super().read(after, limit)

    with pytest.raises(RuntimeError, match="a gap in the log"):
        rebuild(Broken(FACTS), engine, CHOSEN, PARTITIONS, opened=lambda: Broken(FACTS))
    assert multiprocessing.active_children() == []


def test_they_end_with_the_one_that_asks_however_it_is_killed(engine):
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.rebuild_process", url, "rebuild.before_commit", "3"]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    assert process.wait(120) == -signal.SIGKILL

    def gone():
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    until(gone, "the end of its processes")
    assert shared_anew(engine) == alone(engine, FACTS)


def shared_anew(engine):
    """What comes of it when the rebuild goes on."""
    rebuild(Kept(FACTS), engine, CHOSEN, PARTITIONS, opened=lambda: Kept(FACTS))
    return digest(engine, TABLES), set_aside(engine)
