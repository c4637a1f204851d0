"""The small rules under the policies: rates, pauses, quiet hours, filled-in texts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.policies.backoff import FAILURES_TO_OPEN, FIRST_S, LONGEST_S, Backoff
from commands.policies.buckets import Bucket, Pairs
from commands.policies.quiet import is_quiet
from commands.policies.recent import Recent
from commands.policies.rendering import MissingVariable, Shape, render, text_for


@given(
    rate=st.integers(1, 1000),
    moments=st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_a_bucket_never_lets_more_through_than_its_rate_and_burst(rate, moments):
    bucket, taken = Bucket(rate), []
    for now in sorted(moments):
        count = bucket.available(now)
        bucket.take(count, now)
        taken.append((now, count))
    for start, _ in taken:
        within = sum(n for now, n in taken if start <= now <= start + 1)
        assert within <= rate + bucket.burst + 1


def test_a_bucket_says_how_long_to_wait():
    bucket = Bucket(10, burst=5)
    assert bucket.available(100.0) == 5
    bucket.take(5, 100.0)
    assert bucket.available(100.0) == 0
    assert bucket.wait_s(100.0) == pytest.approx(0.1)
    assert bucket.available(100.11) == 1


def test_a_pair_has_a_burst_and_then_one_per_interval():
    pairs = Pairs(interval_s=6, burst=3)
    assert [pairs.take("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert pairs.take("b", 0.0)
    assert not pairs.take("a", 5.9)
    assert pairs.take("a", 6.1)


def test_a_held_pair_waits_however_little_it_had():
    pairs = Pairs()
    pairs.hold("a", 4.0, 100.0)
    assert not pairs.take("a", 103.9)
    assert pairs.take("a", 104.1)


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
