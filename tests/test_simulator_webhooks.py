"""Webhooks arrive whatever the receiver does, and go astray only as the options ask."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.simulators import NUMBER, SECRET, WABA, Receiver, SimulatorProcess, simulator, until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.down()


def campaign(running: SimulatorProcess, size: int) -> list[str]:
    """Send one text to so many unscripted recipients."""
    return [
        running.sent(f"49155{n:05d}77", biz_opaque_callback_data=f"msg_{n}") for n in range(size)
    ]


def unlimited(receiver: Receiver, **options):
    return simulator(webhook_url=receiver.url, messages_per_second=0, **options)


def test_webhooks_wait_for_a_receiver_that_is_down(receiver):
    with unlimited(receiver, retry_base_ms=50, retry_max_ms=200) as running:
        receiver.down()
        wamid = running.sent("4915500000002")
        until(lambda: running.stats()["webhooks"]["failed"] >= 2, "failed posts")
        assert running.stats()["webhooks"]["pending"] > 0
        receiver.up()
        running.idle()

        assert sorted(receiver.kinds(wamid)) == ["delivered", "read", "sent"]


def test_webhooks_are_repeated_until_the_receiver_says_2xx(receiver):
    with unlimited(receiver, retry_base_ms=20, retry_max_ms=50) as running:
        receiver.answer = 500
        wamid = running.sent("4915500000001")
        until(lambda: receiver.refused >= 3, "refused posts")
        receiver.answer = 204
        stats = running.idle()

        assert sorted(receiver.kinds(wamid)) == ["delivered", "sent"]
        assert stats["webhooks"]["failed"] == receiver.refused


def test_a_redirect_is_not_an_answer(receiver):
    with unlimited(receiver, retry_base_ms=20) as running:
        receiver.answer = 302
        running.sent("4915500000404")
        until(lambda: receiver.refused >= 2, "refused posts")
        receiver.answer = 200
        running.idle()
        assert receiver.kinds() == ["failed"]


def test_many_statuses_share_a_body_but_never_more_than_the_maximum(receiver):
    options = {"delay_ms": 0, "batch_max": 7, "batch_window_ms": 300}
    with unlimited(receiver, **options) as running:
        campaign(running, 40)
        running.idle()

    sizes = [
        sum(len(c["value"]["statuses"]) for e in hook.body["entry"] for c in e["changes"])
        for hook in receiver.hooks
    ]
    assert max(sizes) == 7
    assert len(receiver.statuses()) == sum(sizes) > 80


def test_a_body_holds_one_change_per_number_and_may_be_spread_further(receiver):
    options = {"delay_ms": 0, "batch_window_ms": 300, "spread": 1}
    with unlimited(receiver, **options) as running:
        for n in range(20):
            running.sent(f"4915500{n:03d}0002", number=f"N{n % 2}")
        running.idle()

    entries = [hook.body["entry"] for hook in receiver.hooks]
    assert any(len(entry) > 2 for entry in entries) or any(
        len(e["changes"]) > 1 for entry in entries for e in entry
    )
    for value in receiver.changes():
        recipients = {status["recipient_id"] for status in value["statuses"]}
        assert {contact["wa_id"] for contact in value["contacts"]} == recipients
        assert value["metadata"]["phone_number_id"] in {"N0", "N1"}
    assert len(receiver.statuses()) == 60


def test_duplicates_repeat_statuses_without_changing_them(receiver):
    with unlimited(receiver, duplicates=0.5) as running:
        campaign(running, 60)
        stats = running.idle()

    seen = Counter((s["id"], s["status"], s["timestamp"]) for s in receiver.statuses())
    assert set(seen.values()) == {1, 2}
    assert stats["tampered"]["duplicated"] == list(seen.values()).count(2)
    assert len(seen) == sum(stats["statuses"].values())


def test_disorder_changes_the_order_of_arrival_and_nothing_else(receiver):
    with unlimited(receiver, disorder=1, batch_max=1, webhook_concurrency=1) as running:
        wamids = campaign(running, 40)
        stats = running.idle()

    order = ["sent", "delivered", "read"]
    arrivals = [receiver.kinds(wamid) for wamid in wamids]
    assert any(kinds != [k for k in order if k in kinds] for kinds in arrivals if len(kinds) > 1)
    assert receiver.tally() == stats["expected"]


def test_loss_drops_its_share_of_statuses(receiver):
    with unlimited(receiver, loss=0.3) as running:
        campaign(running, 100)
        stats = running.idle()

    produced, lost = sum(stats["statuses"].values()), stats["tampered"]["lost"]
    assert len(receiver.statuses()) == produced - lost
    assert 0.15 < lost / produced < 0.45


def outcome_counts(receiver: Receiver, **options) -> dict[str, int]:
    with unlimited(receiver, delivered_share=0.8, read_share=0.5, **options) as running:
        campaign(running, 120)
        stats = running.idle()
    assert receiver.tally() == stats["expected"]
    receiver.hooks.clear()
    return stats["expected"]


def test_the_same_seed_and_campaign_always_end_with_the_same_counts(receiver):
    first = outcome_counts(receiver, seed=7)
    again = outcome_counts(receiver, seed=7, delay_ms=0, jitter_ms=30, duplicates=0.2, disorder=1)
    other = outcome_counts(receiver, seed=8)

    assert first == again
    assert first != other
    assert set(first) == {"sent", "delivered", "read", "failed"}
    assert sum(first.values()) == 120


def test_a_receiver_may_subscribe_at_run_time(receiver):
    with simulator() as running:
        running.sent("4915500000404")
        stats = running.idle()
        assert stats["webhooks"] == {"sent": 0, "pending": 0, "failed": 0, "unsubscribed": 1}

        answer = running.control("subscribe", webhook_url=receiver.url, app_secret=SECRET)
        assert answer.json() == {"success": True}
        running.sent("4915500000404")
        running.idle()

        (hook,) = receiver.hooks
        assert hook.headers["x-hub-signature-256"].startswith("sha256=")


def test_without_a_secret_webhooks_are_not_signed(receiver):
    with unlimited(receiver) as running:
        running.sent("4915500000404")
        running.idle()
        assert "x-hub-signature-256" not in receiver.hooks[0].headers


def test_the_window_is_kept_when_the_option_says_so(receiver):
    with unlimited(receiver, enforce_window=True) as running:
        closed = running.sent("4915500000002")
        running.control("inbound", **{"phone_number_id": NUMBER, "from": TO, "text": "hi"})
        open_ = running.sent("4915500000002")
        running.idle()

        (failed,) = receiver.statuses(closed)
        assert failed["errors"][0]["code"] == 131047
        assert "read" in receiver.kinds(open_)


TO = "4915500000002"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"speed": 1}, "speed"),
        ({"loss": 1.5}, "loss"),
        ({"delay_ms": -1}, "delay_ms"),
        ({"delay_ms": "fast"}, "delay_ms"),
        ({"webhook_url": "nowhere"}, "webhook_url"),
        ({"seed": 2, "batch_max": 0}, "batch_max"),
    ],
)
def test_a_wrong_option_is_named_and_nothing_changes(receiver, shared, changes, named):
    before = shared.http.get("/_simulator/options").json()
    assert named in shared.refused(400, 100, shared.control("options", **changes))
    assert shared.http.get("/_simulator/options").json() == before


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatorProcess]:
    with simulator() as running:
        yield running


def test_options_change_at_run_time(shared):
    answer = shared.control("options", delay_ms=7, app_secret="hidden")
    assert answer.json()["delay_ms"] == 7
    assert answer.json()["app_secret"] == "***"


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("inbound", {"phone_number_id": NUMBER, "from": "49155"}),
        ("inbound", {"phone_number_id": NUMBER, "from": "Ana", "text": "hi"}),
        ("inbound", {"from": "49155", "text": "hi"}),
        ("inbound", {"phone_number_id": NUMBER, "from": "1", "text": "x", "message": {}}),
        ("subscribe", {"url": "http://f.test"}),
        ("subscribe", {"webhook_url": "nowhere"}),
        ("template_status", {"status": "GONE", "id": "1"}),
        ("template_status", {"status": "PAUSED"}),
        ("template_status", {"status": "PAUSED", "id": "1"}),
        ("template_status", {"status": "PAUSED", "waba_id": WABA, "name": "none"}),
        ("numbers", {"id": NUMBER, "quality_rating": "PURPLE"}),
    ],
)
def test_a_wrong_control_request_is_refused(shared, what, content):
    assert shared.refused(400, 100, shared.control(what, **content))


def test_the_ledger_is_read_from_an_offset_that_is_a_number(shared):
    answer = shared.http.get("/_simulator/ledger", params={"offset": "x"})
    assert shared.refused(400, 100, answer)
