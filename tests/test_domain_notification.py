"""What people are told of, and what they have read."""

from uuid import UUID

import pytest

from domain.access import ROLES, Principal
from domain.campaign import CampaignCompleted, CampaignFailed
from domain.contact import ContactOptedIn
from domain.conversation import ConversationAssigned
from domain.notices import AUDIENCES, NOTICED, is_for, notice_of, notification_id, position_of
from domain.notification import (
    NotificationRead,
    NotificationsRead,
    ReadNotification,
    ReadNotifications,
    number_paused,
    reading,
)
from tests.examples import ACCOUNT, CAMPAIGN, CONTACT, WORKSPACE
from tests.spec import given

ANA, BUDI = UUID(int=1001), UUID(int=1002)
ABOUT = {"workspace_id": WORKSPACE, "reader_id": ANA}
FIRST, SECOND, THIRD = (notification_id(position) for position in (5, 9, 12))


def assigned(user_id, by):
    return ConversationAssigned(
        workspace_id=WORKSPACE,
        conversation_id=UUID(int=7),
        contact_id=CONTACT,
        account_id=ACCOUNT,
        status="open",
        before="open",
        user_id=user_id,
        team_id=None,
        was_user_id=None,
        was_team_id=None,
        how="manual",
        by=by,
    )


FACTS = (
    number_paused(WORKSPACE, ACCOUNT, "+62 811", "blocked"),
    assigned(ANA, BUDI),
    CampaignCompleted(
        workspace_id=WORKSPACE, campaign_id=CAMPAIGN, account_id=ACCOUNT, recipients=3
    ),
    CampaignFailed(
        workspace_id=WORKSPACE, campaign_id=CAMPAIGN, account_id=ACCOUNT, reason="x", was="running"
    ),
)


def read(id_):
    return ReadNotification(**ABOUT, notification_id=id_)


def read_through(id_):
    return ReadNotifications(**ABOUT, through=id_)


def was_read(id_):
    return NotificationRead(**ABOUT, notification_id=id_)


def were_read(id_):
    return NotificationsRead(**ABOUT, through=id_)


def test_a_notification_is_read_once():
    given(reading).when(read(FIRST)).then(was_read(FIRST))
    given(reading, was_read(FIRST)).when(read(FIRST)).then()


def test_what_all_were_read_up_to_is_read():
    given(reading, were_read(SECOND)).when(read(FIRST)).then()
    given(reading, were_read(SECOND)).when(read(SECOND)).then()
    given(reading, were_read(SECOND)).when(read(THIRD)).then(was_read(THIRD))


def test_all_are_read_up_to_one_and_never_back():
    given(reading, was_read(FIRST)).when(read_through(SECOND)).then(were_read(SECOND))
    given(reading, were_read(SECOND)).when(read_through(FIRST)).then()


def test_what_was_read_by_itself_stays_read_when_earlier_ones_are():
    given(reading, was_read(THIRD), were_read(SECOND)).when(read(THIRD)).then()


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_each_kind_of_fact_that_is_noticed_has_words_and_somebody_who_is_told(fact):
    notice = notice_of(fact)
    assert type(fact) in NOTICED
    assert notice.title
    assert bool(notice.user_id) != (notice.audience in AUDIENCES)


def test_every_kind_of_fact_that_is_noticed_is_tried_here():
    assert {type(fact) for fact in FACTS} == set(NOTICED)


def test_an_assignment_is_told_only_to_whom_it_gives_work():
    assert notice_of(assigned(ANA, BUDI)).user_id == ANA
    assert notice_of(assigned(ANA, ANA)) is None
    assert notice_of(assigned(None, BUDI)) is None


def test_other_facts_are_no_notifications():
    opted = {"workspace_id": WORKSPACE, "contact_id": CONTACT}
    assert notice_of(ContactOptedIn(**opted, source="api", was_opted_out=True)) is None


@pytest.mark.parametrize(
    ("role", "told"),
    [("owner", True), ("admin", True), ("agent", False), ("analyst", False), ("auditor", False)],
)
def test_a_stopped_number_is_told_to_those_who_may_change_it(role, told):
    principal = Principal(workspace_id=WORKSPACE, permissions=ROLES[role], user_id=ANA)
    assert is_for(notice_of(FACTS[0]), principal) is told


def test_what_is_for_one_person_is_for_nobody_else():
    for user_id, told in ((ANA, True), (BUDI, False), (None, False)):
        permissions = ROLES["owner"]
        principal = Principal(workspace_id=WORKSPACE, permissions=permissions, user_id=user_id)
        assert is_for(notice_of(assigned(ANA, BUDI)), principal) is told


def test_a_notification_is_named_after_the_place_of_its_fact():
    assert position_of(notification_id(77)) == 77
    assert notification_id(9) < notification_id(10)
