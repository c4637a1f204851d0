"""Suggestions are counted by the day, and refused beyond the quota; the local ones need nobody."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.assistance import AiUsed, UseAi, assistance, assistance_id
from domain.local_assistant import LocalAssistant
from tests.examples import WORKSPACE
from tests.spec import NOW, given

CHAT = UUID(int=102)
TODAY = date(2026, 3, 1)
CALL = {"workspace_id": WORKSPACE, "day": TODAY, "kind": "draft", "conversation_id": CHAT}
ONE, TWO = (AiUsed(**CALL, used=n) for n in (1, 2))


def test_each_call_is_counted():
    given(assistance).when(UseAi(**CALL, quota=2)).each_time(ONE)
    given(assistance, ONE).when(UseAi(**CALL, quota=2)).each_time(TWO)


def test_beyond_the_quota_and_without_one_nothing_is_asked():
    given(assistance, ONE, TWO).when(UseAi(**CALL, quota=2)).refused("ai_quota_used", "2026-03-01")
    given(assistance).when(UseAi(**CALL, quota=0)).refused("ai_off")


def test_each_day_has_a_count_of_its_own():
    days = {assistance_id(WORKSPACE, NOW.date() + timedelta(days=n)) for n in range(3)}
    assert len(days) == 3


@pytest.mark.parametrize(
    ("said", "sounds"),
    [
        ("Thanks, great service", "positive"),
        ("The parcel is BROKEN, thanks", "negative"),
        ("Where is my order?", "neutral"),
        ("Paketnya rusak", "negative"),
        ("شكرا", "positive"),
        ("superfluous", "neutral"),
    ],
)
def test_the_local_assistant_hears_how_a_message_sounds(said, sounds):
    assert LocalAssistant().sentiment(said, "") == sounds


def test_the_local_assistant_drafts_in_the_contacts_language_or_in_english():
    drafts = [LocalAssistant().draft("?", language) for language in ("id", "pt_BR", "", "xx")]
    assert drafts[0].startswith("Terima kasih")
    assert drafts[1].startswith("Obrigado")
    assert drafts[2] == drafts[3] == "Thank you for your message. Let me look into it for you."
