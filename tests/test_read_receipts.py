"""Customers are told that a user has read what they wrote: once, by the provider, in time."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from commands.policies.read_receipts import AT_ONCE, GIVEN_UP, ReadReceiptsPolicy
from domain import account as acc
from domain import conversation as cnv
from infra.providers.cloud_api import CloudApi
from infra.providers.routed import Routed
from infra.providers.waha import Hook, Waha
from tests.chat_stage import ChatStage
from tests.simulators import TOKEN, simulator, until
from tests.stage import NUMBER
from tests.talks import COLLEAGUE, ME
from tests.waha_simulators import API_KEY, SESSION, waha

DAY, NOBODY = timedelta(days=1), "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def cloud():
    with simulator() as running:
        yield running


@pytest.fixture(scope="module")
def sessions():
    with waha() as running:
        running.started()
        yield running


@pytest.fixture
def stage(tmp_path):
    stage = ChatStage(tmp_path)
    yield stage
    stage.close()


def switch(stage, *, on):
    """Whether the stage's number tells anybody."""
    about = {"workspace_id": stage.ws, "account_id": stage.account}
    stage.do(acc.account, stage.account, acc.SwitchReadReceipts(**about, on=on))
    stage.project()


def policy(stage, cloud_url, waha_url=NOBODY):
    """`cloud_url` may be a function, for a provider that comes back elsewhere."""
    where = cloud_url if callable(cloud_url) else lambda: cloud_url
    return ReadReceiptsPolicy(
        stage.read,
        lambda: Routed(
            {
                "cloud_api": lambda: CloudApi(f"{where()}/v23.0", TOKEN, timeout_s=3),
                "waha": lambda: Waha(waha_url, API_KEY, Hook(NOBODY, "k")),
            }
        ),
    )


def written(cloud, phone="+6281234567890", number=NUMBER):
    """A customer writes; the provider's id of it."""
    answer = cloud.control("inbound", phone_number_id=number, **{"from": phone}, text="Hello")
    return answer.json()["id"]


def marks(cloud, offset=0):
    answer = httpx2.get(f"{cloud.url}/_simulator/read_marks", params={"offset": offset})
    return [httpx2.Response(200, content=line).json() for line in answer.text.splitlines()]


def now():
    return datetime.now(UTC)


def read(talk, user_id=ME, **more):
    return talk.ask(cnv.ReadConversation, user_id=user_id, tell=True, **more)


def test_a_customer_is_told_once_however_many_users_read(stage, cloud):
    talk, before = stage.talk(), len(marks(cloud))
    first, last = written(cloud), written(cloud)
    stage.tell(talk.customer(first, now() - DAY), talk.customer(last, now()))
    telling = policy(stage, cloud.url)
    assert telling.step(now()) == 0  # nobody has read yet
    stage.tell(read(talk))
    assert telling.step(now()) == 1
    stage.tell(read(talk, COLLEAGUE))
    assert telling.step(now()) == telling.step(now()) == 0
    (mark,) = marks(cloud, before)
    assert (mark["message_id"], mark["phone_number_id"]) == (last, NUMBER)
    assert mark["typing"] is False


def test_another_process_repeats_the_last_minutes_only(stage, cloud):
    talk = stage.talk()
    stage.tell(talk.customer(written(cloud), now()), read(talk))
    assert policy(stage, cloud.url).step(now()) == 1
    assert policy(stage, cloud.url).step(now()) == 1
    assert policy(stage, cloud.url).step(now() + GIVEN_UP) == 0


def test_nobody_is_told_of_what_a_program_marked_or_the_phone_sent_or_is_a_month_old(stage, cloud):
    talks = [stage.talk(f"+62812345670{n:02}") for n in range(3)]
    by_program, from_phone, old = talks
    stage.tell(
        by_program.customer(written(cloud), now()),
        by_program.ask(cnv.ReadConversation, user_id=ME),
        from_phone.phone("wamid.PHONE", now(), "From the shop"),
        read(from_phone),
        old.customer(written(cloud), now() - 30 * DAY),
        read(old),
    )
    before = cloud.stats()["read"]["marks"]
    assert policy(stage, cloud.url).step(now()) == 0
    assert cloud.stats()["read"]["marks"] == before


def test_a_number_that_tells_nobody_is_left_alone_until_it_does(stage, cloud):
    talk, before = stage.talk(), cloud.stats()["read"]["marks"]
    stage.tell(talk.customer(written(cloud), now()), read(talk))
    telling = policy(stage, cloud.url)
    switch(stage, on=False)
    assert telling.step(now()) == 0
    assert cloud.stats()["read"]["marks"] == before
    switch(stage, on=True)
    until(lambda: telling.step(now()), "the receipt, once it is wanted")


def test_a_passing_refusal_is_tried_again_and_a_final_one_is_not(stage, cloud):
    throttled, foreign = (stage.talk(phone) for phone in ("+6281234560429", "+6281234560001"))
    stage.tell(
        throttled.customer(wamid := written(cloud, "+6281234560429"), now()),
        foreign.customer("wamid.NEVER_HEARD_OF", now()),
        read(throttled),
        read(foreign),
    )
    before, refused = len(marks(cloud)), cloud.stats()["refused"]
    telling = policy(stage, cloud.url)
    assert telling.step(now()) == 0
    until(lambda: telling.step(now()), "the second try")
    assert [mark["message_id"] for mark in marks(cloud, before)] == [wamid]
    counts = cloud.stats()["refused"]
    more = {code: counts[code] - refused.get(code, 0) for code in ("130429", "131009")}
    assert more == {"130429": 1, "131009": 1}


def test_a_provider_that_is_away_is_asked_again(stage, cloud):
    talk, addresses = stage.talk(), [NOBODY]
    stage.tell(talk.customer(written(cloud), now()), read(talk))
    telling = policy(stage, lambda: addresses[-1])
    assert telling.step(now()) == 0
    addresses.append(cloud.url)
    until(lambda: telling.step(now()), "the receipt, once the provider is back")


def test_many_receipts_of_a_number_leave_room_for_its_messages(stage, cloud):
    talks = [stage.talk(f"+62812345680{n:02}") for n in range(AT_ONCE + 3)]
    stage.tell(*(talk.customer(written(cloud), now()) for talk in talks))
    stage.tell(*(read(talk) for talk in talks))
    telling = policy(stage, cloud.url)
    assert telling.step(now()) == AT_ONCE
    assert telling.step(now()) == 0
    until(lambda: telling.step(now()) == 3, "the others, a second later")


def test_a_customer_of_a_waha_number_is_told_once_its_session_works(stage, cloud, sessions):
    shop = stage.session(SESSION, status="stopped")
    talk, sender = stage.talk(account_id=shop), "6281234567890"
    id_ = sessions.person("write", sender, text="Hello")
    stage.tell(talk.customer(id_, now()), read(talk))
    telling = policy(stage, cloud.url, sessions.url)
    assert telling.step(now()) == 0
    assert sessions.stats()["seen"] == []
    about = {"workspace_id": stage.ws, "account_id": shop}
    stage.do(acc.account, shop, acc.ReportSession(**about, status="working"))
    stage.project()
    until(lambda: telling.step(now()), "the receipt")
    body = {"session": SESSION, "chatId": f"{sender}@c.us", "messageIds": [id_]}
    assert sessions.stats()["seen"] == [["sendSeen", body]]
