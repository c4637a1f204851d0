"""Rules of a message on the provider's side: the answer to an attempt, and single statuses."""

from datetime import datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from domain.message import (
    AcceptMessage,
    AttemptMessage,
    MarkUnknown,
    MessageAccepted,
    MessageAttempted,
    MessageDelivered,
    MessageFailed,
    MessageOutcomeUnknown,
    MessagePlayed,
    MessageRead,
    MessageRejected,
    MessageSent,
    ObserveStatus,
    RejectMessage,
    message,
)
from tests.examples import DAY, MESSAGE, SECOND, WORKSPACE, accepted, attempted, of_message, queued
from tests.spec import NOW, given
from tests.test_domain_message import cancelled, put_off, refused, suppressed, unknown

ids = {"workspace_id": WORKSPACE, "message_id": MESSAGE}
accept = AcceptMessage(**ids, attempt=1, wamid="wamid.1", wa_id="6281234567890")
reject = RejectMessage(**ids, attempt=1, error_class="B", code=131016, reason="busy")
doubt = MarkUnknown(**ids, attempt=1, reason="timeout")
SENDING = (queued, attempted)
FINAL = {"status": "failed", "newly": ("failed",), "no_longer": ("pending",)}
LEFT = {"newly": ("accepted", "sent"), "no_longer": ("pending",)}


def seen(status, at=NOW, **more):
    return ObserveStatus(**ids, status=status, at=at, wamid="wamid.1", **more)


def fact(kind, at=NOW, **fields):
    return kind(**of_message, **{"at": at, "wamid": "wamid.1", **fields})


def after_refusals(times):
    """A message on its way for the last of that many attempts."""
    past = [queued]
    for number in range(1, times):
        past += [replace(attempted, attempt=number), replace(put_off, attempt=number)]
    return [*past, replace(attempted, attempt=times)]


def test_the_answer_to_an_attempt_counts_once():
    given(message, *SENDING).when(accept).then(accepted)
    given(message, *SENDING, accepted).when(accept).then()
    given(message, *SENDING, accepted).when(reject).then()
    given(message, *SENDING, accepted).when(doubt).then()


@pytest.mark.parametrize("command", [accept, reject, doubt])
def test_an_answer_to_no_attempt_or_another_one_is_old_news(command):
    given(message, queued).when(command).then()
    given(message, *after_refusals(2)).when(command).then()
    given(message, *SENDING, put_off).when(command).then()
    given(message, *SENDING, refused).when(command).then()
    given(message, queued, cancelled).when(command).then()
    given(message, suppressed).when(command).then()


@pytest.mark.parametrize(
    ("error_class", "code", "waits"),
    [
        ("B", 131016, {1: 2, 2: 8, 3: 32, 4: 128, 5: None}),
        ("T", 130429, {1: 1, 2: 2, 3: 4, 6: 32, 7: 60, 19: 60, 20: None}),
        ("T", 131056, {1: 1, 2: 4, 3: 16, 6: 1024, 7: 3600, 19: 3600, 20: None}),
        ("P", 131042, {1: 60, 19: 60, 20: None}),
        ("A", 190, {1: 60, 19: 60, 20: None}),
        ("W", 131049, {1: None}),
        ("R", 131026, {1: None}),
        ("M", 132000, {1: None}),
    ],
)
def test_a_refusal_is_tried_again_as_its_class_demands(error_class, code, waits):
    for number, wait in waits.items():
        told = {"attempt": number, "error_class": error_class, "code": code, "reason": "no"}
        state = FINAL if wait is None else {"status": "queued"}
        retry_at = None if wait is None else NOW + timedelta(seconds=wait)
        expected = MessageRejected(**of_message, **state, **told, retry_at=retry_at)
        past = given(message, *after_refusals(number))
        past.when(RejectMessage(**ids, **told)).then(expected)


def test_no_answer_leaves_the_outcome_unknown():
    given(message, *SENDING).when(doubt).then(unknown)
    given(message, *SENDING, unknown).when(doubt).then()


def test_a_message_in_doubt_is_settled_by_a_late_answer_but_never_tried_again():
    settled = replace(accepted, no_longer=("unknown",))
    given(message, *SENDING, unknown).when(accept).then(settled)
    final = MessageRejected(
        **of_message,
        **{**FINAL, "no_longer": ("unknown",)},
        attempt=1,
        error_class="B",
        code=131016,
        reason="busy",
    )
    given(message, *SENDING, unknown).when(reject).then(final)


def test_a_message_in_doubt_is_settled_by_a_status():
    sent = fact(MessageSent, status="sent", **{**LEFT, "no_longer": ("unknown",)})
    given(message, *SENDING, unknown).when(seen("sent")).then(sent)
    past = given(message, *SENDING, unknown, sent)
    past.when(AttemptMessage(**ids, attempt=2), now=NOW + DAY).then()


def test_a_status_may_come_before_the_answer():
    delivered = fact(
        MessageDelivered,
        status="delivered",
        newly=("accepted", "sent", "delivered"),
        no_longer=("pending",),
        delivery_ms=2000,
        at=NOW + 2 * SECOND,
    )
    given(message, *SENDING).when(seen("delivered", NOW + 2 * SECOND)).then(delivered)
    named = MessageAccepted(
        **of_message, status="delivered", attempt=1, wamid="wamid.1", wa_id="6281234567890"
    )
    given(message, *SENDING, delivered).when(accept).then(named)
    given(message, *SENDING, delivered, named).when(accept).then()
    given(message, *SENDING, delivered).when(reject).then()
    given(message, *SENDING, delivered).when(doubt).then()


def test_a_status_for_a_message_waiting_to_be_tried_again_ends_the_waiting():
    sent = fact(MessageSent, status="sent", **LEFT)
    given(message, *SENDING, put_off).when(seen("sent")).then(sent)
    past = given(message, *SENDING, put_off, sent)
    past.when(AttemptMessage(**ids, attempt=2), now=NOW + DAY).then()


def test_a_status_of_a_message_that_was_given_up_shows_that_it_left():
    gone = {"newly": ("accepted", "sent")}
    over = {"no_longer": ("failed",), "failed_code": refused.code}
    resent = fact(MessageSent, status="sent", **gone, **over)
    given(message, *SENDING, refused).when(seen("sent")).then(resent)
    uncancelled = fact(MessageSent, status="sent", **gone, no_longer=("cancelled",))
    given(message, *SENDING, put_off, cancelled).when(seen("sent")).then(uncancelled)


@pytest.mark.parametrize("past", [(queued,), (queued, cancelled), (suppressed,)])
def test_a_message_never_attempted_has_no_status(past):
    given(message, *past).when(seen("sent")).refused("not_sent", "never attempted", "sent")


def test_a_status_has_an_instant():
    local = datetime(2026, 3, 1)  # noqa: DTZ001
    given(message, *SENDING).when(seen("sent", local)).refused("invalid_time", "2026-03-01")


def test_each_status_is_recorded_once_with_its_first_instant_in_utc():
    sent = fact(MessageSent, status="sent", newly=("sent",))
    jakarta = timezone(timedelta(hours=7))
    given(message, *SENDING, accepted).when(seen("sent", NOW.astimezone(jakarta))).then(sent)
    given(message, *SENDING, accepted, sent).when(seen("sent", NOW + DAY)).then()


def test_a_failure_keeps_its_code_and_gives_way_to_a_delivery():
    error = {"code": 131026, "reason": "undeliverable"}
    failed = fact(MessageFailed, status="failed", newly=("failed",), **error)
    given(message, *SENDING, accepted).when(seen("failed", **error)).then(failed)
    delivered = fact(
        MessageDelivered,
        status="delivered",
        newly=("sent", "delivered"),
        no_longer=("failed",),
        failed_code=131026,
        delivery_ms=0,
    )
    given(message, *SENDING, accepted, failed).when(seen("delivered")).then(delivered)
    late = fact(MessageFailed, status="delivered", **error)
    given(message, *SENDING, accepted, delivered).when(seen("failed", **error)).then(late)


def test_the_time_to_delivery_runs_from_the_attempt_and_is_never_negative():
    def delivered(at, took):
        newly = ("sent", "delivered")
        return fact(MessageDelivered, at, status="delivered", newly=newly, delivery_ms=took)

    past = given(message, *SENDING, accepted)
    later = NOW + timedelta(milliseconds=2500)
    past.when(seen("delivered", later)).then(delivered(later, 2500))
    past.when(seen("delivered", NOW - SECOND)).then(delivered(NOW - SECOND, 0))
    second = replace(attempted, attempt=2, at=NOW + MINUTES)
    retried = given(message, *SENDING, put_off, second, replace(accepted, attempt=2))
    retried.when(seen("delivered", NOW + MINUTES + SECOND)).then(
        delivered(NOW + MINUTES + SECOND, 1000)
    )


MINUTES = timedelta(minutes=3)


def test_a_read_without_a_delivery_stands_for_it_until_the_delivery_is_reported():
    read = fact(
        MessageRead,
        NOW + 9 * SECOND,
        status="read",
        newly=("sent", "delivered", "read"),
        delivery_ms=9000,
    )
    past = (*SENDING, accepted)
    given(message, *past).when(seen("read", NOW + 9 * SECOND)).then(read)
    corrected = fact(MessageDelivered, NOW + 4 * SECOND, status="read", delivery_ms=-5000)
    given(message, *past, read).when(seen("delivered", NOW + 4 * SECOND)).then(corrected)
    first = fact(MessageDelivered, status="delivered", newly=("sent", "delivered"), delivery_ms=0)
    then = fact(MessageRead, status="read", newly=("read",))
    given(message, *past, first).when(seen("read")).then(then)


def test_a_voice_message_that_was_played_was_read():
    played = fact(
        MessagePlayed,
        status="played",
        newly=("sent", "delivered", "read", "played"),
        delivery_ms=0,
    )
    given(message, *SENDING, accepted).when(seen("played")).then(played)
    read = fact(MessageRead, NOW + SECOND, status="played", delivery_ms=1000)
    given(message, *SENDING, accepted, played).when(seen("read", NOW + SECOND)).then(read)
    later = fact(MessagePlayed, status="played", newly=("played",))
    reading = fact(MessageRead, status="read", newly=("sent", "delivered", "read"), delivery_ms=0)
    given(message, *SENDING, accepted, reading).when(seen("played")).then(later)


def test_attempts_say_when_they_were_made():
    asked = given(message, queued).when(AttemptMessage(**ids, attempt=1), now=NOW + DAY)
    asked.then(MessageAttempted(**of_message, status="sending", attempt=1, at=NOW + DAY))


def test_an_unknown_outcome_says_why():
    assert isinstance(message.decide(message.fold(SENDING), doubt, NOW)[0], MessageOutcomeUnknown)
