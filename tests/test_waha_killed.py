"""The sender is killed with -9 around a call to WAHA: the message leaves once at most."""

from datetime import timedelta

import pytest

from commands.policies.unresolved import UnresolvedPolicy
from commands.policies.waha_reconcile import WahaReconcilePolicy
from domain.message import message
from tests.installation import free_ports, running
from tests.simulators import until
from tests.stage import Stage, now
from tests.test_waha_sending import QUICK, reply, status, through
from tests.waha_simulators import API_KEY, SESSION, waha

KILLED, PATIENCE_S = -9, 60


@pytest.fixture
def stage(tmp_path, mysql_store, mysql_read):
    stage = Stage(tmp_path, mysql_store, mysql_read)
    yield stage
    stage.close()


@pytest.fixture
def provider():
    with waha(hold_ms=20_000) as process:
        process.started()
        yield process


def sender(stage, provider, **more):
    settings = {
        "BLAZZ_STORE_URL": stage.store_url,
        "BLAZZ_READ_URL": stage.read_url,
        "BLAZZ_WAHA_URL": provider.url,
        "BLAZZ_SECRET": "of this test",
        "BLAZZ_WAHA_API_KEY": API_KEY,
        "BLAZZ_SENDER_PORT": str(free_ports(1)[0]),
        **more,
    }
    return running("sender", **settings)


def after_the_crash(stage, provider):
    """Another sender goes on; what the dead one has left is looked into. How it ends."""
    (lost,) = stage.lost
    with sender(stage, provider):
        last = reply(stage, stage.shop, "+491550030002", "after")
        stage.await_(lambda: status(stage, last) == "accepted", "the next one", PATIENCE_S)
        soon = stage.policy(UnresolvedPolicy, timedelta(0))
        stage.await_(lambda: soon.step(now()), "the doubt", PATIENCE_S)
        stage.await_(lambda: status(stage, lost) == "unknown", "the doubt shown", PATIENCE_S)
        look = stage.policy(WahaReconcilePolicy, through(provider)[1])
        look.step(now())
        stage.project()
    return status(stage, lost)


@pytest.mark.parametrize(
    ("mark", "left", "ends"),
    [
        ("sender.after_call", 1, {"sent", "delivered", "read"}),
        ("sender.after_attempt", 0, {"unknown"}),
    ],
)
def test_what_left_before_the_kill_is_found_and_what_did_not_is_never_tried_again(
    stage, provider, mark, left, ends
):
    stage.shop = stage.session(SESSION, **QUICK)
    stage.lost = [reply(stage, stage.shop, "+491550020002", "before")]
    stage.project()
    with sender(stage, provider, BLAZZ_KILL_AT=f"{mark}:1") as process:
        assert process.wait(PATIENCE_S) == KILLED
    assert len(provider.ledger()) == left
    assert after_the_crash(stage, provider) in ends
    assert [line["body"] for line in provider.ledger()] == ["before"] * left + ["after"]
    assert stage.names(stage.lost[0]).count("MessageAttempted") == 1


def test_a_kill_in_the_middle_of_the_call_sends_nothing_twice(stage, provider):
    stage.shop = stage.session(SESSION, **QUICK)
    stage.lost = [reply(stage, stage.shop, "+491550020500", "before")]
    stage.project()
    with sender(stage, provider) as process:
        until(provider.ledger, "the message")
        process.kill()
        assert process.wait(PATIENCE_S) == KILLED
    assert after_the_crash(stage, provider) in {"sent", "delivered", "read"}
    assert [line["body"] for line in provider.ledger()] == ["before", "after"]
    assert stage.state(message, stage.lost[0]).wamid
