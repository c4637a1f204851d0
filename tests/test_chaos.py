"""`blazz chaos`: a repeatable order, marks that are passed, oracles that can say no."""

import ast
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from infra.chaos import plan as plans
from infra.chaos.evidence import positions
from infra.chaos.marks import MARKS, PAIRS, PREFIX, MarkUnknown, arm
from infra.chaos.oracles import ORACLES, Evidence, findings
from tests.installation import blazz, clean, command, until
from tests.stage import Stage

ROOT = Path(__file__).parent.parent
STEPS = 4
PATIENCE_S = 400
LAYERS = ("commands", "domain", "infra", "projections", "read_api")


def audited():
    """The marks that occur in the code."""
    for layer in LAYERS:
        for path in (ROOT / layer).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(), str(path))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "sys.audit":
                    yield ast.literal_eval(node.args[0]).removeprefix(PREFIX)


def test_every_listed_mark_is_in_the_code_and_every_mark_in_the_code_is_listed():
    assert set(audited()) == set(MARKS)


def test_a_process_dies_at_the_passing_of_the_mark_that_it_is_told():
    passing = (
        "import sys; from infra.chaos.marks import arm; arm()\n"
        "for n in range(1, 9):\n"
        "    print(n, flush=True)\n"
        "    sys.audit('blazz.relay.after_produce'); sys.audit('blazz.sink.before_commit')\n"
    )

    def run(kill_at):
        return subprocess.run(
            [sys.executable, "-c", passing],
            cwd=ROOT,
            env=os.environ | {"BLAZZ_KILL_AT": kill_at},
            capture_output=True,
            text=True,
            check=False,
        )

    died = run("relay.after_produce:3")
    assert (died.returncode, died.stdout.split()) == (-signal.SIGKILL, ["1", "2", "3"])
    assert run("sender.after_call:1").returncode == 0


@pytest.mark.parametrize(
    "wrong", ["relay.after_lunch:1", "sink.before_commit", "sink.before_commit:0"]
)
def test_a_mark_that_is_none_is_refused(wrong):
    with pytest.raises(MarkUnknown, match=r"sender\.after_call:3"):
        arm(wrong)
    done = blazz("relay", BLAZZ_KILL_AT=wrong)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)


def test_the_same_seed_gives_the_same_steps_and_another_seed_others():
    assert plans.plan(7, 2) == plans.plan(7, 2)
    assert plans.plan(7) != plans.plan(8)
    assert plans.plan(7, 2)[: len(plans.plan(7))] == plans.plan(7)


def test_twenty_seeds_come_by_every_mark_of_every_process():
    steps = [step for seed in range(1, 21) for step in plans.plan(seed)]
    assert {(step.of, step.mark) for step in steps if step.mark} == PAIRS
    assert {step.action for step in steps} == set(plans.Action.__args__)
    assert {step.of for step in steps if step.action == "freeze"} == set(plans.FROZEN)
    assert {step.of for step in steps if step.action == "twin"} == set(plans.TWINS)


def sound():
    """Evidence of a run in which nothing was lost: one sent to, one suppressed, one unknown."""
    statuses = ("read", "suppressed", "unknown")
    campaign = {
        "status": "completed",
        "recipients": 3,
        "pending": 0,
        "accepted": 1,
        "unknown": 1,
        "sent": 1,
        "delivered": 1,
        "read": 1,
    }
    return Evidence(
        ledger=[{"to": "628", "callback_data": "m0"}],
        expected={"read": 1},
        campaigns=[campaign],
        messages=[[{"message_id": f"m{n}", "status": s} for n, s in enumerate(statuses)]],
        repeated=[("/v1/contacts", {"id": "c1", "position": 5}, {"id": "c1", "position": 5})],
        contacts=[("c1", {"opted_out": True}, {"opted_out": True, "first_name": "Ana"})],
        head=9,
        first_position=1,
        last_position=9,
        stored_events=9,
        broken_streams=0,
        live={"contacts": "a", "messages": "b"},
        rebuilt={"contacts": "a", "messages": "b"},
        standing=[{"projection": "contacts", "position": 9, "parked": 0}],
        inbox={},
    )


def test_a_sound_run_has_no_findings():
    assert findings(sound()) == []


DOCTORED = [
    ("sent once", lambda e: e.ledger.append(e.ledger[0])),
    ("sent once", lambda e: e.ledger[0].update(callback_data="nobody's")),
    ("accounted for", lambda e: e.messages[0].pop()),
    ("accounted for", lambda e: e.messages[0][1].update(status="queued")),
    ("accounted for", lambda e: e.campaigns[0].update(status="running")),
    ("accounted for", lambda e: e.campaigns[0].update(unknown=0)),
    ("accounted for", lambda e: e.ledger.clear()),
    ("stages", lambda e: e.campaigns[0].update(read=2)),
    ("acknowledged", lambda e: e.repeated[0][2].update(position=6)),
    ("acknowledged", lambda e: e.contacts[0][2].update(opted_out=False)),
    ("acknowledged", lambda e: e.contacts[0][2].clear()),
    ("gapless", lambda e: setattr(e, "stored_events", 8)),
    ("gapless", lambda e: setattr(e, "broken_streams", 1)),
    ("rebuilt alike", lambda e: e.rebuilt.update(messages="c")),
    ("rebuilt alike", lambda e: e.live.pop("contacts")),
    ("at rest", lambda e: e.standing[0].update(position=8)),
    ("at rest", lambda e: e.standing[0].update(parked=1)),
    ("at rest", lambda e: e.inbox.update(kept=1)),
    ("answered well", lambda e: e.odd.append("/v1/contacts: 500")),
]


@pytest.mark.parametrize(("oracle", "doctor"), DOCTORED)
def test_an_oracle_says_no_when_its_evidence_is_doctored(oracle, doctor):
    evidence = sound()
    doctor(evidence)
    assert any(line.startswith(f"{oracle}: ") for line in findings(evidence))


def test_every_oracle_has_been_seen_to_say_no():
    assert {oracle for oracle, _ in DOCTORED} == set(ORACLES)


def test_a_row_taken_out_of_the_store_is_seen(tmp_path):
    stage = Stage(tmp_path)
    try:
        for n in range(3):
            stage.contact(f"+62812345679{n:02}")
        before = positions(stage.engine)
        assert before["broken_streams"] == 0
        assert before["first_position"] == 1
        assert before["stored_events"] == before["last_position"] == before["head"]
        with stage.engine.begin() as connection:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in connection.execute(text(triggers)).scalars().all():
                connection.execute(text(f"DROP TRIGGER {name}"))
            second = connection.scalar(text("SELECT stream_id FROM events WHERE version = 2"))
            wanted = {"stream": second}
            connection.execute(
                text("DELETE FROM events WHERE stream_id = :stream AND version = 1"), wanted
            )
        after = positions(stage.engine)
        assert (after["stored_events"], after["broken_streams"]) == (before["head"] - 1, 1)
    finally:
        stage.close()


@pytest.mark.usefixtures("mysql_url", "kafka")
def test_a_few_steps_of_a_seed_leave_nothing_lost():
    done = subprocess.run(
        command("chaos", "--seed", 11, "--steps", STEPS, "--recipients", 60, "--json"),
        cwd=ROOT,
        env=clean(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert (row["sound"], row["findings"]) == (True, [])
    assert row["recipients"] >= 60
    assert row["commands"] > 0
    assert row["kills"] > 0


@pytest.mark.usefixtures("mysql_url", "kafka")
def test_an_interrupted_run_leaves_no_process_behind(tmp_path):
    child = subprocess.Popen(
        command("chaos", "--recipients", 30),
        cwd=ROOT,
        env=clean() | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for line in child.stdout:
            if "every service is ready" in line:
                break
        child.send_signal(signal.SIGINT)
        assert child.wait(120) == 130
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    until(lambda: not _processes_in(tmp_path), "the end of every process", 20)
    assert list(tmp_path.glob("blazz-chaos-*")) == []


def _processes_in(folder):
    """Processes that were started in the folder or with it in their command."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found
