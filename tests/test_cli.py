"""The `blazz` command as its users type it, each in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).parent.parent
HEADER = "Phone,First name,Group\n"


def blazz(*arguments, **environment):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BLAZZ_")}
    return subprocess.run(
        [sys.executable, "-m", "infra.cli.main", *map(str, arguments)],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def databases(tmp_path):
    return {
        "BLAZZ_STORE_URL": f"sqlite:///{tmp_path}/store.sqlite",
        "BLAZZ_READ_URL": f"sqlite:///{tmp_path}/read.sqlite",
    }


def test_the_demo_agrees_with_the_ledger():
    done = blazz("demo", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "agrees with the simulator's ledger" in done.stdout
    assert "1000 recipients" in done.stdout


def test_the_demo_takes_the_users_own_file(tmp_path):
    mine = tmp_path / "mine.csv"
    rows = [f"0812345678{n:02},Ana {n},VIP" for n in range(30)]
    mine.write_text(HEADER + "\n".join([*rows, "12,Bad,VIP"]))
    done = blazz("demo", "--check", "--contacts", mine)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "30 created, 0 updated, 0 duplicate, 1 invalid" in done.stdout
    assert "line 32" in done.stdout


def test_the_demo_says_what_is_wrong_with_a_file(tmp_path):
    missing = blazz("demo", "--check", "--contacts", tmp_path / "none.csv")
    assert missing.returncode == 64
    assert "none.csv: No such file" in missing.stderr
    (tmp_path / "odd.csv").write_text("name\nAna\n")
    odd = blazz("demo", "--check", "--contacts", tmp_path / "odd.csv")
    assert odd.returncode == 1
    assert "phone" in odd.stderr
    assert "Traceback" not in odd.stderr


def test_the_demo_stays_until_it_is_interrupted_and_ends_cleanly(tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text(HEADER + "081234567890,Ana,VIP\n")
    child = subprocess.Popen(
        [sys.executable, "-m", "infra.cli.main", "demo", "--contacts", str(mine)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    shown = []
    for line in child.stdout:
        shown.append(line)
        if "Ctrl-C" in line:
            break
    told = {line.split()[0]: line.split()[-1] for line in shown if len(line.split()) == 2}
    headers = {"Authorization": f"Bearer {told['key']}"}
    for name in ("campaign", "analytics"):
        assert httpx2.get(told[name], headers=headers).status_code == 200
    assert httpx2.get(told["API"]).json()["openapi"] == "3.1.0"
    assert httpx2.get(told["simulator"]).status_code == 200
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert child.returncode in (0, 130), errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == [mine]


def test_a_wrong_setting_ends_every_service_with_3_and_one_line():
    for service in ("command-api", "read-api", "relay", "projector", "sender", "policies", "up"):
        done = blazz(service, BLAZZ_READ_PORT="x")
        assert done.returncode == 3, service
        assert done.stderr.count("\n") == 1, done.stderr
        assert "BLAZZ_READ_PORT" in done.stderr


def test_a_service_does_not_start_on_databases_that_are_behind(databases):
    done = blazz("read-api", **databases)
    assert done.returncode == 3
    assert "run `blazz migrate`" in done.stderr
    assert "Traceback" not in done.stderr


def test_workspaces_and_keys_are_made_by_an_operator(databases):
    assert blazz("migrate", **databases).returncode == 0
    made = blazz("workspace", "create", "Kopi", "--time-zone", "Asia/Jakarta", **databases)
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("wsp_")
    key = blazz("workspace", "key", "kopi ", **databases)
    assert key.stdout.startswith("blz_live_")
    assert blazz("workspace", "create", "Kopi", **databases).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["create", "X", "--time-zone", "Mars/Base"], "no time zone 'Mars/Base'"),
        (["create", "X", "--country", "XX"], "no country 'XX'"),
        (["create", " "], "name"),
        (["key", "Nobody"], "no workspace is named 'Nobody'; `blazz workspace list`"),
        (["key", "Nobody", "--scope", "admin"], "no scope admin; known: read, write, send"),
    ],
)
def test_an_operator_is_told_what_is_wrong(databases, arguments, words):
    blazz("migrate", **databases)
    done = blazz("workspace", *arguments, **databases)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_is_quick():
    fastest = 9.0
    for _ in range(3):
        started = time.monotonic()
        assert blazz("--help").returncode == 0
        fastest = min(fastest, time.monotonic() - started)
    assert fastest < 2.0
