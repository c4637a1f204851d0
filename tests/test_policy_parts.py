"""The small rules under the policies: rates, pauses, quiet hours, filled-in texts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.policies.backoff import FAILURES_TO_OPEN, FIRST_S, LONGEST_S, Backoff
from commands.policies.buckets import PAIR_BURST, PAIR_INTERVAL_S, UNSAVED, Bucket, Pairs
from commands.policies.quiet import is_quiet
from commands.policies.recent import Recent
from commands.policies.rendering import MissingVariable, Shape, render, text_for
from commands.policies.steady import Steady


@given(
    rate=st.integers(1, 1000),
    moments=st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_a_bucket_never_lets_more_through_than_its_rate_and_burst(rate, moments):
    bucket, taken = Bucket(rate, -60.0), []
    for now in sorted(moments):
        count = bucket.available(now)
        bucket.take(count, now)
        taken.append((now, count))
    for start, _ in taken:
        within = sum(n for now, n in taken if start <= now <= start + 1)
        assert within <= rate + bucket.burst + 1


def test_a_bucket_says_how_long_to_wait():
    bucket = Bucket(10, 99.0, burst=5)
    assert bucket.available(100.0) == 5
    bucket.take(5, 100.0)
    assert bucket.available(100.0) == 0
    assert bucket.wait_s(100.0) == pytest.approx(0.1)
    assert bucket.available(100.11) == 1


@given(rate=st.integers(1, 1000), handovers=st.lists(st.floats(0, 2), max_size=20))
def test_whoever_sends_no_second_sees_more_than_rate_and_burst(rate, handovers):
    taken, bucket, now = [], Bucket(rate, 0.0), 0.0
    for end in [*sorted(handovers), 2.0]:
        while now < end:
            count = bucket.available(now)
            bucket.take(count, now)
            taken.append((now, count))
            now += 0.02
        bucket = Bucket(rate, now)
    for start, _ in taken:
        within = sum(n for at, n in taken if start <= at <= start + 1)
        assert within <= rate + bucket.burst + 1


def pairs(now=-600.0, **options):
    return Pairs(now, {}, **options)


def test_a_pair_has_a_burst_and_then_one_per_interval():
    three = pairs(interval_s=6, burst=3)
    assert [three.take("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert three.take("b", 0.0)
    assert not three.take("a", 5.9)
    assert three.take("a", 6.1)


def test_a_held_pair_waits_however_little_it_had():
    held = pairs()
    held.hold("a", 4.0, 100.0)
    assert not held.take("a", 103.9)
    assert held.take("a", 104.1)


def test_a_successor_goes_on_with_what_was_owed_and_takes_others_to_owe_a_little():
    first = pairs()
    assert sum(first.take("a", 0.0) for _ in range(PAIR_BURST)) == PAIR_BURST
    second = Pairs(12.0, {key: owed - 12 for key, owed in first.grown(0.0).items()})
    assert [second.take("a", 12.0) for _ in range(3)] == [True, True, False]
    assert sum(second.take("b", 12.0) for _ in range(PAIR_BURST)) == PAIR_BURST - UNSAVED


def test_a_campaign_stores_no_debts_and_a_talk_does():
    mine = pairs(now=0.0)
    assert all(mine.take(f"+49{n}", 1.0) for n in range(100))
    assert mine.grown(1.0) == {}
    for _ in range(UNSAVED):
        mine.take("a", 60.0)
    assert mine.grown(60.0) == {}
    mine.take("a", 60.0)
    assert list(mine.grown(60.0).values()) == [(UNSAVED + 1) * PAIR_INTERVAL_S]
    assert mine.grown(60.0) == {}


class Hands:
    """Clocks moved by hand: one that people set, one that only counts."""

    def __init__(self):
        self.wall, self.count = datetime(2027, 3, 1, tzinfo=UTC), 100.0

    def steady(self):
        return Steady(lambda: self.wall, lambda: self.count)


def test_a_steady_clock_follows_and_never_goes_back():
    hands = Hands()
    clock, start = hands.steady(), hands.wall
    hands.wall, hands.count = start + timedelta(hours=1), 101.0
    assert clock() == hands.wall
    hands.wall = start
    assert clock() == start + timedelta(hours=1)
    hands.count = 111.0
    assert clock() == start + timedelta(hours=1, seconds=5)
    hands.wall = start + timedelta(hours=2)
    assert clock() == hands.wall


def test_a_throttle_pauses_a_number_longer_each_time_and_one_success_ends_it():
    backoff, now = Backoff(), 0.0
    assert backoff.allowed(now) is None
    waits = []
    for _ in range(12):
        backoff.throttled(now)
        backoff.throttled(now)
        assert backoff.allowed(now) == 0
        waits.append(backoff.wait_s(now))
        now += backoff.wait_s(now)
        assert backoff.allowed(now) == 1
    assert waits[:3] == [FIRST_S, FIRST_S * 2, FIRST_S * 4]
    assert waits[-1] == LONGEST_S
    backoff.succeeded()
    assert backoff.allowed(now) is None


def test_only_several_failures_in_a_row_open_the_circuit():
    backoff = Backoff()
    for _ in range(FAILURES_TO_OPEN - 1):
        backoff.failed(0.0)
    backoff.succeeded()
    backoff.failed(0.0)
    assert backoff.allowed(0.0) is None
    for _ in range(FAILURES_TO_OPEN - 1):
        backoff.failed(0.0)
    assert backoff.allowed(0.0) == 0


@pytest.mark.parametrize(
    ("hour", "start", "end", "quiet"),
    [
        (20, 21 * 60, 8 * 60, False),
        (21, 21 * 60, 8 * 60, True),
        (3, 21 * 60, 8 * 60, True),
        (8, 21 * 60, 8 * 60, False),
        (13, 12 * 60, 14 * 60, True),
        (14, 12 * 60, 14 * 60, False),
        (13, None, None, False),
        (13, 60, 60, False),
    ],
)
def test_quiet_hours_are_of_the_local_day_and_may_span_midnight(hour, start, end, quiet):
    jakarta = datetime(2027, 3, 1, (hour - 7) % 24, tzinfo=UTC)
    assert is_quiet(jakarta, "Asia/Jakarta", start, end) is quiet


def test_what_was_done_a_moment_ago_is_not_new():
    recent = Recent(kept_s=60)
    assert recent.new([1, 2]) == [1, 2]
    assert recent.new([2, 3]) == [3]
    assert Recent(kept_s=0).new([1]) == [1]


SHAPE = Shape("spring", "en_US", "Hi {{name}}, code {{code}}", "text", "For {{name}}")


def test_named_variables_are_filled_in_header_and_body():
    content = render(SHAPE, {"name": "{first_name}", "code": "X7"}, "", {"first_name": "Ana"})
    assert content.text == "Hi Ana, code X7"
    assert [(p.name, p.text) for p in content.header] == [("name", "Ana")]
    assert [(p.name, p.text) for p in content.body] == [("name", "Ana"), ("code", "X7")]


def test_a_media_header_takes_the_plans_link():
    shape = SHAPE._replace(header_kind="image", header="", body="Hi")
    content = render(shape, {}, "https://f.test/a.png", {})
    assert (content.header_kind, content.link) == ("image", "https://f.test/a.png")
    assert content.header == content.body == ()


def test_what_the_provider_refuses_in_a_parameter_is_smoothed():
    assert text_for("1", "{note}", {"note": "two\nlines\tand      gaps"}) == "two lines and gaps"


@pytest.mark.parametrize(
    ("text", "missing"), [("{city}", "city"), ("{first_name} of {city}", "city"), ("  ", "1")]
)
def test_nothing_is_sent_with_a_hole_in_it(text, missing):
    with pytest.raises(MissingVariable) as error:
        text_for("1", text, {"first_name": "Ana", "city": " "})
    assert error.value.name == missing
