"""What operators type to see and mend read models and webhooks, each in a process of its own."""

import json

import pytest
from sqlalchemy import text

from infra.database import connect
from projections import contacts
from projections.all import ALL
from projections.digest import digest
from projections.rebuild import rebuild
from tests.stage import Stage
from tests.test_cli import blazz
from tests.webhook_bodies import body, status, statuses


@pytest.fixture
def stage(tmp_path):
    with_facts = Stage(tmp_path)
    with_facts.contacts([{"phone": f"+6281234567{n:03}"} for n in range(5)])
    with_facts.environment = {
        "BLAZZ_STORE_URL": with_facts.store_url,
        "BLAZZ_READ_URL": with_facts.read_url,
    }
    yield with_facts
    with_facts.close()


def test_the_digest_of_a_rebuild_is_that_of_the_live_tables(stage):
    stage.project()
    before = digest(stage.read)
    done = blazz("projections", "rebuild", **stage.environment)
    assert done.returncode == 0, done.stderr
    assert f"position {stage.store.head()}" in done.stderr
    told = blazz("projections", "digest", "--json", **stage.environment)
    assert json.loads(told.stdout) == before


def test_one_projection_can_be_rebuilt_by_name(stage):
    stage.project()
    assert blazz("projections", "rebuild", "contacts", **stage.environment).returncode == 0
    wrong = blazz("projections", "rebuild", "contcats", **stage.environment)
    assert wrong.returncode == 2
    assert "no projection contcats; known: workspaces" in wrong.stderr


def test_the_status_shows_how_far_each_projection_is(stage):
    stage.project()
    stage.contact("+6281234567999")
    told = blazz("projections", "status", "--json", **stage.environment)
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert {row["head_position"] for row in rows} == {stage.store.head()}
    assert {row["head_position"] - row["position"] for row in rows} == {2}


def test_a_paused_projection_stands_still_until_it_is_resumed(stage):
    stage.project()
    before = stage.store.head()
    assert blazz("projections", "pause", "contacts", **stage.environment).returncode == 0
    stage.contact("+6281234567999")
    stage.project()
    again = blazz("projections", "pause", "contacts", **stage.environment)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    row = status_of(stage, "contacts")
    assert (row["state"], row["position"], row["lag_events"]) == ("paused", before, 2)
    assert row["lag_s"] > 0
    assert status_of(stage, "groups")["lag_events"] == 0
    refused = blazz("projections", "rebuild", "contacts", **stage.environment)
    assert refused.returncode == 1
    assert "resume" in refused.stderr
    assert blazz("projections", "resume", "contacts", **stage.environment).returncode == 0
    assert digest(stage.read) == rebuilt(stage)
    assert status_of(stage, "contacts")["state"] == "live"


def status_of(stage, name):
    told = blazz("projections", "status", "--json", **stage.environment)
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    return next(row for row in rows if row["projection"] == name)


def rebuilt(stage):
    rebuild(stage.store, stage.read, ALL, 1)
    return digest(stage.read)


def test_a_rebuild_broken_off_is_seen_in_the_status_and_can_be_cancelled(stage):
    stage.project()

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(stage.store, stage.read, [contacts.projection], 1, stop)
    row = status_of(stage, "contacts")
    assert (row["state"], row["rebuild"]["position"]) == ("rebuilding", stage.store.head())
    assert "rebuilding" in blazz("projections", "status", **stage.environment).stdout
    other = blazz("projections", "rebuild", "groups", **stage.environment)
    assert other.returncode == 1
    assert "blazz projections rebuild contacts" in other.stderr
    dropped = blazz("projections", "cancel", **stage.environment)
    assert (dropped.returncode, "contacts" in dropped.stderr) == (0, True)
    assert status_of(stage, "contacts")["state"] == "live"
    assert "nothing to drop" in blazz("projections", "cancel", **stage.environment).stderr


def test_a_parked_record_is_listed_with_its_reason_until_it_can_be_applied(stage):
    stage.project()
    _unknown_fact(stage)
    stage.project()
    listed = blazz("parked", "list", "--json", **stage.environment)
    row = json.loads(listed.stdout.splitlines()[0])
    assert (row["position"], row["type"]) == (stage.store.head(), "ContactCloned")
    assert "unknown event type" in row["reason"]
    tried = blazz("parked", "retry", "--stream", row["stream_id"], **stage.environment)
    assert tried.returncode == 1
    assert "still parked" in tried.stdout
    _understood(stage)
    assert blazz("parked", "retry", "--json", **stage.environment).returncode == 0
    assert blazz("parked", "list", **stage.environment).stdout == ""


def test_a_stream_that_is_none_is_refused(stage):
    done = blazz("parked", "retry", "--stream", "x", **stage.environment)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def _unknown_fact(stage):
    """A record of a newer version's type, as an older projector meets it."""
    with connect(stage.store_url).begin() as connection:
        connection.execute(text("UPDATE positions SET head = head + 1"))
        connection.execute(
            text(
                "INSERT INTO events (position, stream_id, version, workspace_id, type, recorded_at,"
                " metadata, data) SELECT position + 1, stream_id, version + 1, workspace_id,"
                " 'ContactCloned', recorded_at, metadata, '{}' FROM events"
                " ORDER BY position DESC LIMIT 1"
            )
        )


def _understood(stage):
    """The parked bytes as this version can read them."""
    data = stage.store.read(0, 1)[0]
    with stage.read.begin() as connection:
        connection.execute(
            text("UPDATE parked SET type = :type, data = :data"),
            {"type": data.type, "data": data.data},
        )


def test_payloads_of_a_folder_are_fed_and_told(tmp_path):
    folder = tmp_path / "payloads"
    folder.mkdir()
    (folder / "statuses.json").write_text(body(statuses(status(None, "read"))).decode())
    (folder / "odd.json").write_text('{"one": {"object": "other"}, "two": {"a": 1}}')
    done = blazz("webhooks", "feed", folder)
    assert done.returncode == 0, done.stderr
    assert "3 payloads" in done.stdout
    empty = blazz("webhooks", "feed", tmp_path)
    assert empty.returncode == 64
    assert "no .json file" in empty.stderr
