"""Servers of our own: what they keep, when they end, and that a set-up is whole or redone."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time

import pymysql
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra.servers import ServersMissing
from infra.servers.find import free_port, in_cache, run_tool
from infra.servers.process import ServerProcess


def query(server, statement):
    with pymysql.connect(host="127.0.0.1", port=server.port, user="root") as connection:
        connection.autocommit(True)
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall()


def test_mysql_keeps_its_rows_through_a_kill_and_its_port_too(own_mysql):
    url = own_mysql.url
    query(own_mysql, "CREATE DATABASE kept")
    query(own_mysql, "CREATE TABLE kept.facts (n INT PRIMARY KEY)")
    query(own_mysql, "INSERT INTO kept.facts VALUES (7)")
    own_mysql.kill()
    with pytest.raises(pymysql.err.OperationalError):
        query(own_mysql, "SELECT 1")
    own_mysql.restart()
    assert query(own_mysql, "SELECT n FROM kept.facts") == ((7,),)
    assert own_mysql.url == url


def test_mysql_is_set_for_triggers_and_durable_commits(own_mysql):
    names = "@@log_bin, @@innodb_flush_log_at_trx_commit, @@max_connections, @@time_zone"
    assert query(own_mysql, f"SELECT {names}") == ((0, 1, 300, "+00:00"),)
    assert tuple(map(int, own_mysql.version.split("."))) >= (8, 4)


async def write_and_read(bootstrap, create, value):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    if create:
        await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    await producer.send_and_wait("kept", value)
    await producer.stop()
    consumer = AIOKafkaConsumer("kept", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    seen = []
    while value not in seen:
        seen.append((await consumer.getone()).value)
    await consumer.stop()
    return seen


def test_kafka_keeps_its_records_through_a_kill_and_its_port_too(own_kafka):
    bootstrap = own_kafka.bootstrap
    assert asyncio.run(write_and_read(bootstrap, True, b"before")) == [b"before"]
    own_kafka.kill()
    own_kafka.restart()
    assert asyncio.run(write_and_read(bootstrap, False, b"after")) == [b"before", b"after"]
    assert own_kafka.bootstrap == bootstrap


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_server_dies_with_the_process_that_started_it(tmp_path):
    start = (
        "import sys, time; from pathlib import Path; "
        "from infra.servers.process import ServerProcess; "
        f"p = ServerProcess(['sleep', '300'], Path({str(tmp_path / 'log')!r}), Path('/')); "
        "print(p.pid, flush=True); time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE) as parent:
        server = int(parent.stdout.readline())
        assert alive(server)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while alive(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(server)


def test_a_server_outlives_the_thread_that_started_it(tmp_path):
    started = []

    def start():
        started.append(ServerProcess(["sleep", "300"], tmp_path / "log", tmp_path))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    time.sleep(0.2)
    assert started[0].running()
    started[0].stop()
    assert not started[0].running()


def test_a_server_that_ignores_the_request_to_end_is_ended(tmp_path):
    stubborn = ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]
    server = ServerProcess(stubborn, tmp_path / "log", tmp_path)
    while "ready" not in server.last_words():
        time.sleep(0.02)
    server.stop(seconds=0.2)
    assert not server.running()


def test_who_interrupts_the_wait_for_a_servers_end_leaves_no_server_behind(tmp_path):
    stubborn = "trap 'echo asked' TERM; echo ready; while :; do sleep 0.1; done"
    start = (
        "from pathlib import Path; from infra.servers.process import ServerProcess; import time; "
        f"p = ServerProcess(['/bin/sh', '-c', {stubborn!r}], Path({str(tmp_path / 'log')!r}),"
        " Path('/'))\n"
        "while 'ready' not in p.last_words(): time.sleep(0.02)\n"
        "print(p.pid, flush=True); p.stop(300)"
    )
    arguments = [sys.executable, "-c", start]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        server = int(parent.stdout.readline())
        while "asked" not in (tmp_path / "log").read_text():
            time.sleep(0.02)
        parent.send_signal(signal.SIGINT)
        _, said = parent.communicate(timeout=60)
    assert b"KeyboardInterrupt" in said
    assert not alive(server)


def test_two_set_ups_at_a_time_build_once(monkeypatch, tmp_path):
    monkeypatch.setenv("BLAZZ_CACHE", str(tmp_path))
    built = []

    def build(half):
        time.sleep(0.3)
        (half / "part").touch()
        built.append(half)

    threads = [threading.Thread(target=in_cache, args=("thing", build)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert (tmp_path / "thing" / "part").exists()


def test_a_set_up_that_broke_off_is_redone(monkeypatch, tmp_path):
    monkeypatch.setenv("BLAZZ_CACHE", str(tmp_path))

    def breaks(half):
        (half / "part").touch()
        raise ServersMissing("no network")

    with pytest.raises(ServersMissing, match="no network"):
        in_cache("thing", breaks)
    assert not list(tmp_path.glob("thing*/*"))
    (tmp_path / "thing.half-killed").mkdir()
    in_cache("thing", lambda half: (half / "whole").touch())
    assert [path.name for path in (tmp_path / "thing").iterdir()] == ["whole"]
    assert not list(tmp_path.glob("thing.half-*"))


def test_a_failing_tool_is_quoted_without_passwords():
    command = ["/bin/sh", "-c", "echo fetching http://me:secret@mirror.example/x; exit 4"]
    with pytest.raises(ServersMissing) as failed:
        run_tool(command, 10)
    assert "failed with code 4:\nfetching http://mirror.example/x" in str(failed.value)


def test_a_tool_that_hangs_is_ended():
    with pytest.raises(ServersMissing, match="was still running after 0 s"):
        run_tool(["sleep", "30"], 0.2)


def test_a_free_port_can_be_taken_again_and_is_not_one_for_outgoing_connections():
    assert 20000 <= free_port() < 32000
