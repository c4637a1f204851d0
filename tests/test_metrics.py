"""Figures and readiness: what is read from the databases, and that only a standstill is a fault."""

from datetime import UTC, datetime

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from infra.metrics.exposition import (
    Gauges,
    exposed,
    of_audiences,
    of_inbox,
    of_projections,
    of_queue,
    of_relay,
)
from infra.metrics.movement import Movement, Place, moving, projection_places, relay_places
from infra.services.checks import broker, databases
from infra.services.listening import CannotListen
from infra.services.operating import operating
from infra.settings import settings_in
from projections.all import ALL
from tests.installation import free_ports, until
from tests.stage import Stage
from tests.webhook_bodies import body, status, statuses


@pytest.fixture
def stage(tmp_path):
    with_facts = Stage(tmp_path)
    yield with_facts
    with_facts.close()


def figures(*readings):
    """Every sample of these readings, as Prometheus would read them."""
    families = text_string_to_metric_families(exposed(Gauges(*readings)).decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_projections_tell_their_position_their_lag_and_what_they_set_aside(stage):
    projections = of_projections(stage.engine, stage.read, ALL, 1)
    head = stage.store.head()
    found = figures(projections)
    version = str(next(one.version for one in ALL if one.name == "contacts"))
    assert found["blazz_projection_position", "contacts", version] == head
    assert found["blazz_projection_head_position",] == head
    assert found["blazz_projection_lag_events", "contacts", version] == 0
    assert found["blazz_projection_lag_seconds", "contacts", version] == 0
    stage.contact("+6281234567999")
    found = figures(projections)
    assert found["blazz_projection_lag_events", "contacts", version] == 2
    assert 0 < found["blazz_projection_lag_seconds", "contacts", version] < 60
    with stage.read.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO parked (projection, partition, position, offset, reason, parked_at)"
                " VALUES ('contacts', 0, 3, 3, 'as a test', '2026-01-01 00:00:00')"
            )
        )
    found = figures(projections)
    assert found["blazz_projection_parked_events", "contacts", version] == 1
    assert found["blazz_projection_oldest_parked_seconds", "contacts", version] > 3600
    assert found["blazz_projection_parked_events", "groups", "1"] == 0


def test_relay_inbox_queue_and_audiences_tell_how_much_is_waiting(stage):
    stage.inbox.accept(body(statuses(status(None, "read"))), datetime.now(UTC))
    found = figures(
        of_relay(stage.engine),
        of_inbox(stage.engine),
        of_queue(stage.read),
        of_audiences(stage.read),
    )
    assert found["blazz_store_head_position",] == stage.store.head()
    assert found["blazz_relay_lag_events",] == stage.store.head()
    assert found["blazz_relay_lag_seconds",] > 0
    assert found["blazz_inbox_bodies", "new"] == 1
    assert found["blazz_send_queue_messages", "queued"] == 0
    assert found["blazz_audience_campaigns",] == 0
    assert found["blazz_unread_figures",] == 0


def test_a_database_that_is_away_hides_no_other_figure(stage):
    def away():
        raise OSError("gone")

    found = figures(away, of_inbox(stage.engine))
    assert found["blazz_unread_figures",] == 1
    assert found["blazz_inbox_bodies", "new"] == 0
    assert found["process_resident_memory_bytes",] > 0


def test_databases_are_asked_once_a_second_however_often_figures_are_wanted():
    asked = []
    gauges = Gauges(lambda: asked.append(1) or ())
    first = exposed(gauges)
    assert len(asked) == 1
    exposed(gauges)
    assert len(asked) == 1
    gauges._at -= 1
    exposed(gauges)
    assert len(asked) == 2
    assert b"blazz_unread_figures 0.0" in first


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(
    ("looks", "still"),
    [
        # (at, position, head): an idle system never stands still, however long it is looked at
        ([(0, 5, 5), (100, 5, 5)], False),
        # new facts after a long rest are not late yet
        ([(0, 5, 5), (100, 5, 6), (120, 5, 6)], False),
        ([(0, 5, 5), (100, 5, 6), (131, 5, 6)], True),
        # far behind, but moving
        ([(0, 5, 900), (29, 6, 900), (58, 7, 900), (87, 8, 900)], False),
        ([(0, 5, 900), (29, 6, 900), (60, 6, 900)], True),
        # caught up in between: the time before does not count
        ([(0, 5, 6), (20, 6, 6), (40, 6, 7), (60, 6, 7)], False),
    ],
)
def test_only_what_is_behind_and_does_not_move_is_unready(looks, still):
    clock = Clock()
    movement = Movement(30, clock)
    for clock.now, position, head in looks:
        found = movement.still([Place("contacts", position, head)])
    assert bool(found) == still


def test_a_projection_that_stands_still_is_named_and_a_paused_one_is_not(stage):
    clock = Clock()
    places = moving(
        lambda: projection_places(stage.engine, stage.read, ALL, 1), Movement(30, clock)
    )
    assert set(places().values()) == {"ok"}
    stage.contact("+6281234567999")
    assert set(places().values()) == {"ok"}
    clock.now = 31
    assert "has not moved for 31 s" in places()["contacts"]
    with stage.read.begin() as connection:
        connection.execute(text("UPDATE checkpoints SET state = 'paused'"))
    assert "contacts" not in places()
    with stage.read.begin() as connection:
        connection.execute(text("UPDATE checkpoints SET state = 'live'"))
    stage.project()
    assert places()["contacts"] == "ok"


def test_a_relay_that_stands_still_is_unready(stage):
    clock = Clock()
    place = moving(lambda: relay_places(stage.engine), Movement(30, clock))
    assert place() == {"relay": "ok"}
    clock.now = 40
    assert f"stands at 0 of {stage.store.head()}" in place()["relay"]


def test_servers_that_are_away_are_named(stage, tmp_path):
    nobody = f"127.0.0.1:{free_ports(1)[0]}"
    assert broker(nobody)() == {"kafka": f"not reachable at {nobody}"}
    assert databases(stage.engine, stage.read)() == {"store.sqlite": "ok", "read.sqlite": "ok"}


def test_a_service_without_an_api_answers_operators_on_a_port_of_its_own(tmp_path):
    port = free_ports(1)[0]
    settings = settings_in(tmp_path, 1, 1).model_copy(update={"relay_port": port})
    ready = {"relay": "ok"}
    url = f"http://127.0.0.1:{port}"
    with operating(settings, "relay", Gauges(), lambda: ready):
        until(lambda: _status(f"{url}/-/healthy") == 200, "the port being open")
        assert _status(f"{url}/-/ready") == 200
        ready["relay"] = "stands still"
        refused = httpx2.get(f"{url}/-/ready")
        assert (refused.status_code, refused.json()["errors"][0]["detail"]) == (503, "stands still")
        assert "blazz_unread_figures 0.0" in httpx2.get(f"{url}/-/metrics").text
        taken = operating(settings, "relay", Gauges())
        with pytest.raises(CannotListen, match="BLAZZ_RELAY_PORT"), taken:
            pass
    assert _status(f"{url}/-/healthy") == 0


def _status(url):
    try:
        return httpx2.get(url, timeout=5).status_code
    except httpx2.HTTPError:
        return 0
