"""The rules of sessions and of failed sign-ins."""

from datetime import timedelta

import pytest

from domain.kernel import Rejected
from domain.session import (
    GRACE,
    EndSession,
    RefreshSession,
    SessionEnded,
    SessionRefreshed,
    SignedIn,
    SignIn,
    session,
)
from domain.sign_in_attempts import (
    FREE,
    LONGEST,
    SHORTEST,
    FailSignIn,
    ForgiveSignInFailures,
    SignInFailuresForgiven,
    attempts_id,
    sign_in_attempts,
)
from tests.examples import CONTACT, KEY, WORKSPACE
from tests.spec import NOW, given

one = {"workspace_id": WORKSPACE, "session_id": KEY}
about = {**one, "user_id": CONTACT}
entry = {"epoch": 0, "address": "203.0.113.7", "agent": "Firefox"}
UNTIL = NOW + timedelta(days=30)
signed_in = SignedIn(**about, **entry, expires_at=UNTIL)
second = SessionRefreshed(**about, generation=2, at=NOW)
ended = SessionEnded(**about, reason="signed_out")


def test_a_session_begins_once():
    given(session).when(SignIn(**about, **entry, expires_at=UNTIL)).then(signed_in)
    other = SignIn(**about, **{**entry, "epoch": 1}, expires_at=UNTIL)
    given(session, signed_in).when(other).refused("session_exists")


def refreshed(generation, *past, now=NOW):
    command = RefreshSession(**one, generation=generation)
    return list(session.decide(session.fold(past), command, now))


def test_a_refresh_token_is_good_for_one_use():
    assert refreshed(1, signed_in) == [second]
    assert refreshed(2, signed_in, second) == [SessionRefreshed(**about, generation=3, at=NOW)]


def test_a_used_refresh_token_ends_the_session_and_one_never_given_does_not():
    reused = SessionEnded(**about, reason="token_reused")
    assert refreshed(1, signed_in, second, now=NOW + GRACE) == [reused]
    with pytest.raises(Rejected, match="no such refresh token"):
        refreshed(3, signed_in, second)


def test_two_windows_may_use_the_same_refresh_token_at_once_but_not_an_older_one():
    moment_later = NOW + GRACE - timedelta(milliseconds=1)
    assert refreshed(1, signed_in, second, now=moment_later) == []
    third = SessionRefreshed(**about, generation=3, at=NOW)
    reused = [SessionEnded(**about, reason="token_reused")]
    assert refreshed(2, signed_in, second, third) == []
    assert refreshed(1, signed_in, second, third) == reused
    as_once_recorded = SessionRefreshed(**about, generation=2)
    assert refreshed(1, signed_in, as_once_recorded) == reused


@pytest.mark.parametrize(("past", "now"), [((signed_in, ended), NOW), ((signed_in,), UNTIL)])
def test_a_session_that_is_over_is_not_refreshed(past, now):
    with pytest.raises(Rejected) as refusal:
        refreshed(1, *past, now=now)
    assert refusal.value.code == "session_over"


def test_a_session_ends_once():
    end = EndSession(**one, reason="signed_out")
    given(session, signed_in).when(end).then(ended)
    given(session).when(end).refused("not_found", "ses_")


def failed(times, gap):
    """The state after so many failures, each when the one before allowed it, and the waits."""
    state, now, waits = sign_in_attempts.initial, NOW, []
    for _ in range(times):
        command = FailSignIn(workspace_id=WORKSPACE, user_id=CONTACT, address="203.0.113.7")
        state = sign_in_attempts.fold(sign_in_attempts.decide(state, command, now), state)
        waits.append(state.wait_s(now))
        now = max(now, state.retry_at) + gap
    return state, waits


def test_after_a_few_failures_each_doubles_the_wait_up_to_an_hour():
    _, waits = failed(FREE + 9, timedelta())
    assert waits[: FREE - 1] == [0] * (FREE - 1)
    assert waits[FREE - 1 : FREE + 3] == [60, 120, 240, 480]
    assert waits[-1] == LONGEST.total_seconds()
    assert timedelta(seconds=60) == SHORTEST


def test_what_comes_too_early_is_no_fact():
    state, _ = failed(FREE, timedelta())
    early = state.retry_at - timedelta(seconds=1)
    command = FailSignIn(workspace_id=WORKSPACE, user_id=CONTACT, address="203.0.113.7")
    assert list(sign_in_attempts.decide(state, command, early)) == []


def test_a_success_forgives_the_failures_before_it():
    state, _ = failed(3, timedelta())
    command = ForgiveSignInFailures(workspace_id=WORKSPACE, user_id=CONTACT)
    forgiven = SignInFailuresForgiven(workspace_id=WORKSPACE, user_id=CONTACT)
    assert list(sign_in_attempts.decide(state, command, NOW)) == [forgiven]
    assert sign_in_attempts.fold([forgiven], state) == sign_in_attempts.initial
    given(sign_in_attempts).when(command).then()


def test_attempts_are_counted_for_each_workspace_email_and_address():
    found = {
        attempts_id(workspace, email, address)
        for workspace in (WORKSPACE, KEY)
        for email in ("a@mail.example", "b@mail.example")
        for address in ("203.0.113.7", "203.0.113.8")
    }
    assert len(found) == 8
