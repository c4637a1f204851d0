"""Messages that come in, reactions and calls: any order and repetition of reports shows the same."""

from datetime import timedelta

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from domain.call import CallReported, ReportCall, call
from domain.ids import call_id, conversation_id, inbound_id
from domain.inbound import (
    EditMessage,
    InboundEdited,
    InboundReacted,
    InboundReceived,
    InboundRevoked,
    ReactToMessage,
    Received,
    ReceiveMessage,
    RevokeMessage,
    inbound,
)
from tests.examples import ACCOUNT, CONTACT, WORKSPACE
from tests.spec import NOW, given

MINUTE = timedelta(minutes=1)
about = {
    "workspace_id": WORKSPACE,
    "conversation_id": conversation_id(ACCOUNT, CONTACT),
    "contact_id": CONTACT,
    "account_id": ACCOUNT,
    "sender": {"name": "Ana", "wa_id": "6281234567890"},
}
this = {**about, "message_id": inbound_id(ACCOUNT, "wamid.A"), "provider_id": "wamid.A"}
hello, hallo, hola = (Received(kind="text", text=text) for text in ("Hello", "Hallo", "Hola"))
received = InboundReceived(**this, at=NOW, content=hello)
receive = ReceiveMessage(**this, at=NOW, content=hello)


def edit(edit_id, at, content):
    return EditMessage(**this, at=at, content=content, edit_id=edit_id)


def edited(edit_id, at, content, **more):
    return InboundEdited(**this, at=at, content=content, edit_id=edit_id, **more)


def test_a_message_is_received_once():
    given(inbound).when(receive).then(received)
    again = ReceiveMessage(**this, at=NOW + MINUTE, content=hola)
    given(inbound, received).when(again).then()


def test_of_two_edits_the_one_made_last_is_shown():
    late, early = edited("e2", NOW + MINUTE, hola), edited("e1", NOW, hallo, superseded=True)
    given(inbound, received, late).when(edit("e1", NOW, hallo)).then(early)
    assert inbound.fold([received, late, early]).shown == hola
    assert inbound.fold([late]).shown == hola
    assert inbound.fold([received]).shown == hello


def test_of_two_edits_in_one_second_the_greater_id_is_shown():
    given(inbound, edited("e2", NOW, hola)).when(edit("e1", NOW, hallo)).then(
        edited("e1", NOW, hallo, superseded=True)
    )
    given(inbound, edited("e1", NOW, hola)).when(edit("e2", NOW, hallo)).then(
        edited("e2", NOW, hallo)
    )


def test_a_revoked_message_shows_nothing_also_if_it_comes_afterwards():
    revoke = RevokeMessage(**this, at=NOW, revoke_id="r1")
    revoked = InboundRevoked(**this, at=NOW, revoke_id="r1")
    given(inbound).when(revoke).then(revoked)
    given(inbound, revoked).when(receive).then(received)
    assert inbound.fold([revoked, received, edited("e", NOW, hola)]).shown is None


def test_a_report_without_an_offset_is_refused():
    command = ReceiveMessage(**this, at=NOW.replace(tzinfo=None), content=hello)
    given(inbound).when(command).refused("invalid_time", "offset")


target = {"target_id": inbound_id(ACCOUNT, "wamid.T"), "target_provider_id": "wamid.T"}
stream = {**about, **target, "message_id": inbound_id(ACCOUNT, "reaction:wamid.T:62812")}


def react(provider_id, at, emoji):
    return ReactToMessage(**stream, provider_id=provider_id, at=at, emoji=emoji)


def test_the_last_reaction_counts_and_one_that_comes_late_does_not():
    thumb = InboundReacted(**stream, provider_id="wamid.R1", at=NOW, emoji="👍")
    gone = InboundReacted(**stream, provider_id="wamid.R2", at=NOW + MINUTE)
    given(inbound).when(react("wamid.R1", NOW, "👍")).then(thumb)
    given(inbound, thumb).when(react("wamid.R2", NOW + MINUTE, "")).then(gone)
    given(inbound, gone).when(react("wamid.R1", NOW, "👍")).then()


contents = st.sampled_from([hello, hallo, hola])
instants = st.integers(0, 3).map(lambda minutes: NOW + minutes * MINUTE)
edits = st.lists(
    st.builds(edit, st.sampled_from("abcd"), instants, contents),
    max_size=4,
    unique_by=lambda command: command.edit_id,
)
reactions = st.lists(
    st.builds(react, st.sampled_from(["wamid.1", "wamid.2", "wamid.3"]), instants, st.just("👍")),
    max_size=3,
    unique_by=lambda command: command.provider_id,
)
revocations = st.just([RevokeMessage(**this, at=NOW, revoke_id="r")]) | st.just([])


def after(reports):
    state = inbound.initial
    for report in reports:
        state = inbound.fold(inbound.decide(state, report, NOW), state)
    return state


@pytest.mark.parametrize("kind", ["message", "reaction"])
@forall(st.data())
def test_any_order_and_repetition_of_reports_shows_the_same(kind, data):
    if kind == "message":
        reports = [receive, *data.draw(edits), *data.draw(revocations)]
    else:
        reports = data.draw(reactions)
    repeated = reports + [r for r in reports if data.draw(st.booleans())]
    assert after(data.draw(st.permutations(repeated))) == after(reports)


rung = {
    "workspace_id": WORKSPACE,
    "call_id": call_id(ACCOUNT, "wacid.A"),
    "conversation_id": conversation_id(ACCOUNT, CONTACT),
    "contact_id": CONTACT,
    "account_id": ACCOUNT,
    "provider_id": "wacid.A",
    "by": "customer",
    "details": {"event": "connect"},
}


def test_each_step_of_a_call_counts_once():
    ringing = CallReported(**rung, step="ringing", at=NOW)
    ended = CallReported(**rung, step="ended", at=NOW, seconds=30)
    given(call).when(ReportCall(**rung, step="ringing", at=NOW)).then(ringing)
    given(call, ended).when(ReportCall(**rung, step="ringing", at=NOW)).then(ringing)
    given(call, ringing, ended).when(ReportCall(**rung, step="ended", at=NOW)).then()


@forall(st.data(), st.lists(st.sampled_from(["ringing", "accepted", "rejected", "ended"])))
def test_any_order_and_repetition_of_steps_is_the_same_call(data, steps):
    def heard(order):
        state = call.initial
        for step in order:
            state = call.fold(call.decide(state, ReportCall(**rung, step=step, at=NOW), NOW), state)
        return state

    assert heard(steps) == heard(data.draw(st.permutations(steps + steps[:2])))
