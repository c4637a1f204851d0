"""`blazz up` and what operators run beside it, where servers are away, wrong, or as they should be."""

import asyncio
import json
import os
import signal
import subprocess
from uuid import uuid4

import pytest

from infra.database import connect
from infra.log.topic import create_topic
from infra.settings import load
from projections.checkpoints import PARTITIONS
from tests.installation import Installation, alive, blazz, clean, command, free_ports, until
from tests.log_facts import new_topic

NOWHERE = "mysql+pymysql://root@127.0.0.1:9/blazz"


@pytest.fixture
def files(tmp_path):
    return f"sqlite:///{tmp_path}/store.sqlite", f"sqlite:///{tmp_path}/read.sqlite"


@pytest.mark.parametrize("service", ["up", "migrate", "command-api", "sender", "relay"])
def test_a_database_that_is_away_is_named_in_one_line(service):
    done = blazz(service, BLAZZ_STORE_URL=NOWHERE)
    assert done.returncode == 1
    assert "the store database cannot be reached" in done.stderr
    assert "BLAZZ_STORE_URL" in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_kafka_services_wait_and_stop_when_told(tmp_path, files):
    nobody = f"127.0.0.1:{free_ports(1)[0]}"
    installation = Installation(tmp_path, *files, nobody)
    with installation.up():
        for waiting in ("relay waits for Kafka", "projector waits for Kafka"):
            until(lambda waiting=waiting: waiting in installation.log.read_text(), waiting)
        status = installation.stop()
    said = installation.log.read_text()
    assert status == 0, said
    assert "Traceback" not in said


def test_a_topic_with_other_partitions_ends_all_with_3(tmp_path, files, kafka):
    installation = Installation(tmp_path, *files, kafka)
    asyncio.run(create_topic(kafka, installation.settings["BLAZZ_TOPIC"], partitions=3))
    done = subprocess.run(
        command("up"),
        env=clean() | installation.settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert "has 3 partitions, expected 12" in done.stderr
    assert "Traceback" not in done.stderr


def test_when_the_supervisor_is_killed_its_services_end_too(tmp_path, files):
    installation = Installation(tmp_path, *files, f"127.0.0.1:{free_ports(1)[0]}")
    with installation.up():
        children = installation.processes()
        os.kill(installation.process.pid, signal.SIGKILL)
        until(lambda: not any(map(alive, children.values())), "the end of all services", 20)


def test_the_doctor_names_what_is_wrong_until_all_is_well(mysql_databases, kafka, tmp_path):
    settings = {
        "BLAZZ_FILES_DIR": str(tmp_path / "files"),
        "BLAZZ_STORE_URL": mysql_databases(),
        "BLAZZ_READ_URL": mysql_databases(),
        "BLAZZ_KAFKA": kafka,
        "BLAZZ_TOPIC": f"doctor.{uuid4().hex[:12]}",
    }
    (tmp_path / "file").touch()
    nowhere = {"BLAZZ_READ_URL": NOWHERE, "BLAZZ_FILES_DIR": str(tmp_path / "file")}
    ill = blazz("doctor", **settings | nowhere | {"BLAZZ_KAFKA": "127.0.0.1:9"})
    assert ill.returncode == 1
    store, read, log, files = ill.stdout.splitlines()
    assert files == (
        f"files: cannot be kept in {tmp_path}/file: Not a directory (BLAZZ_FILES_DIR says where)"
    )
    assert store.startswith("event store: misses migrations 0001")
    assert store.endswith(": run `blazz migrate`")
    assert read.startswith("read models: cannot be reached: Can't connect")
    assert log.startswith("kafka: cannot be reached at 127.0.0.1:9")
    assert blazz("migrate", **settings).returncode == 0
    assert "`blazz relay` makes it" in blazz("doctor", **settings).stdout
    narrow = new_topic(kafka, 3)
    ill = blazz("doctor", **settings | {"BLAZZ_TOPIC": narrow})
    assert f"topic {narrow} has 3 partitions, not 12" in ill.stdout
    settings["BLAZZ_TOPIC"] = new_topic(kafka, PARTITIONS)
    well = blazz("doctor", **settings)
    assert (well.returncode, well.stdout) == (0, well.stdout)
    assert well.stdout.startswith("event store: ok\nread models: ok\nkafka: ok\nfiles: ok\n")


def test_read_models_have_a_status_and_are_rebuilt_from_the_store(mysql_databases):
    settings = {"BLAZZ_STORE_URL": mysql_databases(), "BLAZZ_READ_URL": mysql_databases()}
    for arguments in (["migrate"], ["workspace", "create", "Kopi"], ["workspace", "key", "Kopi"]):
        assert blazz(*arguments, **settings).returncode == 0
    before = blazz("projections", "digest", "--json", **settings)
    rebuilt = blazz("projections", "rebuild", **settings)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "rebuilt from 2 records up to position 2" in rebuilt.stderr
    rows = [
        json.loads(line)
        for line in blazz("projections", "status", "--json", **settings).stdout.splitlines()
    ]
    assert {(row["position"], row["head_position"], row["parked"]) for row in rows} == {(2, 2, 0)}
    after = json.loads(blazz("projections", "digest", "--json", **settings).stdout)
    assert {t for t, v in json.loads(before.stdout).items() if v != after[t]} >= {
        "workspaces",
        "api_keys",
    }
    unknown = blazz("projections", "rebuild", "nothing", **settings)
    assert unknown.returncode == 2
    assert "no projection nothing; known: " in unknown.stderr


def test_a_database_on_this_machine_is_reached_without_tls_unless_asked_for(mysql_database):
    for url, encrypted in (
        (mysql_database, False),
        (f"{mysql_database}?ssl_check_hostname=false", True),
    ):
        engine = connect(url)
        with engine.connect() as connection:
            cipher = connection.exec_driver_sql("SHOW STATUS LIKE 'Ssl_cipher'").one()[1]
        engine.dispose()
        assert bool(cipher) == encrypted


def test_simulator_and_webhooks_are_looked_for_at_the_ports_given(monkeypatch):
    for name in [name for name in os.environ if name.startswith("BLAZZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BLAZZ_COMMAND_PORT", "18080")
    monkeypatch.setenv("BLAZZ_SIMULATOR_PORT", "18090")
    settings = load()
    assert settings.whatsapp_url == "http://127.0.0.1:18090/v23.0"
    assert settings.simulator_webhook_url == "http://127.0.0.1:18080/webhooks/whatsapp"
