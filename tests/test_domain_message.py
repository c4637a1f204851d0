"""Rules of a message on our side: queued once, tried when due, given up for a reason."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.message import (
    AcceptMessage,
    AttemptMessage,
    CancelMessage,
    ExpireMessage,
    MarkUnknown,
    MessageAttempted,
    MessageCancelled,
    MessageDelivered,
    MessageExpired,
    MessageOutcomeUnknown,
    MessageRejected,
    MessageSent,
    MessageSuppressed,
    ObserveStatus,
    QueueMessage,
    RejectMessage,
    SuppressMessage,
    message,
)
from tests.examples import (
    ACCOUNT,
    CONTACT,
    DAY,
    MESSAGE,
    OTHER_CONTACT,
    SECOND,
    WORKSPACE,
    accepted,
    ana,
    attempted,
    content,
    of_message,
    queued,
    to_message,
)
from tests.spec import NOW, given

ids = {"workspace_id": WORKSPACE, "message_id": MESSAGE}
queue = QueueMessage(**to_message, to=ana.phone, content=content)
direct = {**to_message, "campaign_id": None}
suppress = SuppressMessage(**to_message, reason="opted_out")
cancel, expire = CancelMessage(**ids, reason="campaign cancelled"), ExpireMessage(**ids)
attempt_1, attempt_2 = AttemptMessage(**ids, attempt=1), AttemptMessage(**ids, attempt=2)

suppressed = MessageSuppressed(
    **of_message, status="suppressed", newly=("suppressed",), reason="opted_out"
)
held_back = replace(suppressed, no_longer=("pending",))
cancelled = MessageCancelled(
    **of_message,
    status="cancelled",
    newly=("cancelled",),
    no_longer=("pending",),
    reason="campaign cancelled",
)
unknown = MessageOutcomeUnknown(
    **of_message,
    status="unknown",
    newly=("unknown",),
    no_longer=("pending",),
    attempt=1,
    reason="timeout",
)
refusal = {"error_class": "B", "code": 131016, "reason": "busy"}
put_off = MessageRejected(
    **of_message, status="queued", attempt=1, **refusal, retry_at=NOW + 2 * SECOND
)
refused = MessageRejected(
    **of_message,
    status="failed",
    newly=("failed",),
    no_longer=("pending",),
    attempt=1,
    error_class="R",
    code=131026,
    reason="not on WhatsApp",
)
sent = MessageSent(**of_message, status="sent", newly=("sent",), at=NOW, wamid="wamid.1")
delivered = MessageDelivered(
    **of_message, status="delivered", newly=("delivered",), at=NOW, delivery_ms=0
)
ON_ITS_WAY = (queued, attempted)


def test_a_message_is_queued_once():
    given(message).when(queue).then(queued)
    given(message).when(replace(queue, priority=1)).then(replace(queued, priority=1))
    given(message, queued).when(queue).then()
    given(message, *ON_ITS_WAY, accepted).when(queue).then()
    given(message, suppressed).when(queue).then()


def test_a_campaign_writes_to_each_contact_once_whatever_changed_meanwhile():
    given(message, queued).when(replace(queue, to="+6281234567899")).then()


def test_a_message_outside_campaigns_is_the_same_only_with_the_same_contents():
    alone = QueueMessage(**direct, to=ana.phone, content=content)
    past = replace(queued, campaign_id=None)
    given(message).when(alone).then(past)
    given(message, past).when(alone).then()
    for other in ({"to": "+6281234567899"}, {"content": replace(content, text="Hai")}):
        given(message, past).when(replace(alone, **other)).refused("message_exists", "msg_")
    elsewhere = replace(alone, contact_id=OTHER_CONTACT)
    given(message, past).when(elsewhere).refused("message_exists")


def test_a_message_is_suppressed_before_or_after_it_is_queued():
    given(message).when(suppress).then(suppressed)
    given(message, suppressed).when(suppress).then()
    given(message, queued).when(suppress).then(held_back)
    given(message, queued, held_back).when(suppress).then()


def test_a_message_that_waits_for_its_next_attempt_is_held_back_too():
    given(message, *ON_ITS_WAY, put_off).when(suppress).then(held_back)
    given(message, *ON_ITS_WAY, put_off).when(cancel).then(cancelled)


@pytest.mark.parametrize(
    ("past", "status"),
    [
        (ON_ITS_WAY, "sending"),
        ((*ON_ITS_WAY, unknown), "unknown"),
        ((*ON_ITS_WAY, accepted), "accepted"),
        ((*ON_ITS_WAY, refused), "failed"),
        ((*ON_ITS_WAY, put_off, sent), "sent"),
    ],
)
def test_what_is_on_its_way_is_neither_suppressed_nor_cancelled(past, status):
    given(message, *past).when(suppress).refused("wrong_state", status, "be suppressed")
    given(message, *past).when(cancel).refused("wrong_state", status, "be cancelled")


def test_a_queued_message_is_cancelled():
    given(message, queued).when(cancel).then(cancelled)
    given(message, queued, cancelled).when(CancelMessage(**ids, reason="other")).then()
    given(message, queued, cancelled).when(suppress).refused("wrong_state", "cancelled")
    given(message, suppressed).when(cancel).refused("wrong_state", "suppressed")


def test_the_first_attempt_of_a_queued_message_is_made_once():
    given(message, queued).when(attempt_1).then(attempted)
    given(message, *ON_ITS_WAY).when(attempt_1).then()
    given(message, queued).when(attempt_2).then()
    given(message, queued).when(AttemptMessage(**ids, attempt=0)).then()


def test_a_refused_attempt_is_repeated_when_it_is_due():
    past = given(message, *ON_ITS_WAY, put_off)
    past.when(attempt_2, now=NOW + 2 * SECOND - timedelta(microseconds=1)).then()
    past.when(attempt_1, now=NOW + 2 * SECOND).then()
    again = MessageAttempted(**of_message, status="sending", attempt=2, at=NOW + 2 * SECOND)
    past.when(attempt_2, now=NOW + 2 * SECOND).then(again)


@pytest.mark.parametrize(
    "past",
    [
        ON_ITS_WAY,
        (*ON_ITS_WAY, unknown),
        (*ON_ITS_WAY, accepted),
        (*ON_ITS_WAY, refused),
        (*ON_ITS_WAY, put_off, replace(sent, newly=("accepted", "sent"), no_longer=("pending",))),
        (queued, cancelled),
        (suppressed,),
        (queued, held_back),
    ],
)
def test_what_is_not_queued_is_never_attempted(past):
    for number in (1, 2, 3):
        attempt = AttemptMessage(**ids, attempt=number)
        given(message, *past).when(attempt, now=NOW + 40 * DAY).then()


@pytest.mark.parametrize(
    "command",
    [
        attempt_1,
        AcceptMessage(**ids, attempt=1, wamid="w", wa_id="1"),
        RejectMessage(**ids, attempt=1, **refusal),
        MarkUnknown(**ids, attempt=1, reason="timeout"),
        ObserveStatus(**ids, status="sent", at=NOW, wamid="w"),
        cancel,
        expire,
    ],
)
def test_nothing_else_can_be_asked_of_an_absent_message(command):
    given(message).when(command).refused("not_found", "there is no message msg_")


@pytest.mark.parametrize(
    ("past", "no_longer"),
    [
        ((*ON_ITS_WAY, accepted), ()),
        ((*ON_ITS_WAY, accepted, sent), ()),
        ((*ON_ITS_WAY, unknown), ("unknown",)),
    ],
)
def test_a_message_nothing_is_heard_of_expires_after_thirty_days(past, no_longer):
    expired = MessageExpired(
        **of_message, status="expired", newly=("expired",), no_longer=no_longer
    )
    given(message, *past).when(expire, now=NOW + 30 * DAY).then(expired)
    given(message, *past, expired).when(expire, now=NOW + 31 * DAY).then()
    early = given(message, *past).when(expire, now=NOW + 30 * DAY - SECOND)
    early.refused("not_due", "30 days", (NOW + 30 * DAY).isoformat())


def test_what_has_come_to_its_end_does_not_expire():
    late = NOW + 99 * DAY
    for past in (
        (*ON_ITS_WAY, accepted, delivered),
        (*ON_ITS_WAY, refused),
        (queued, cancelled),
        (suppressed,),
    ):
        given(message, *past).when(expire, now=late).then()


def test_what_has_no_outcome_yet_does_not_expire():
    late = NOW + 99 * DAY
    given(message, queued).when(expire, now=late).refused("wrong_state", "queued", "expire")
    given(message, *ON_ITS_WAY).when(expire, now=late).refused("wrong_state", "sending")


def test_a_fact_names_the_account_it_is_counted_by():
    state = message.fold([queued])
    assert (state.account_id, state.contact_id) == (ACCOUNT, CONTACT)
