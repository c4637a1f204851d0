"""What a rule may say, and which messages it matches."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from commands.patterns import search
from domain.hours import ALWAYS, Hours
from domain.rule import (
    Actions,
    Answer,
    ChangeRule,
    Conditions,
    CreateRule,
    Definition,
    DeleteRule,
    DisableRule,
    EnableRule,
    Heard,
    RuleDeleted,
    RuleDisabled,
    RuleEnabled,
    RuleSaved,
    Trigger,
    matches,
    rule,
)
from tests.examples import ACCOUNT, WORKSPACE
from tests.spec import NOW, given

IDS = {"workspace_id": WORKSPACE, "rule_id": UUID(int=701)}
TEXT = Actions(answer=Answer(text="From 9 to 5"))
RULE = Definition(name="Hours", trigger=Trigger(kind="contains", values=("open",)), actions=TEXT)
SAVED = RuleSaved(**IDS, definition=RULE)
ENABLED, DISABLED, DELETED = RuleEnabled(**IDS), RuleDisabled(**IDS), RuleDeleted(**IDS)


def triggered(kind, *values, text="", now=NOW, hours=ALWAYS, **heard):
    definition = replace(RULE, trigger=Trigger(kind=kind, values=values))
    return matches(definition, Heard(text, **heard), now, hours, search)


def holds(**conditions):
    definition = replace(RULE, conditions=Conditions(**conditions))
    heard = Heard("open?", account_id=ACCOUNT, labels=("VIP",), opted_out=False, language="pt_BR")
    return matches(definition, heard, NOW, ALWAYS, search)


def test_a_rule_is_made_disabled_then_enabled_disabled_and_deleted():
    given(rule).when(CreateRule(**IDS, definition=RULE)).then(SAVED)
    given(rule, SAVED).when(EnableRule(**IDS)).then(ENABLED)
    given(rule, SAVED, ENABLED).when(DisableRule(**IDS)).then(DISABLED)
    given(rule, SAVED, ENABLED).when(DeleteRule(**IDS)).then(DELETED)


def test_what_is_so_already_changes_nothing():
    given(rule, SAVED).when(CreateRule(**IDS, definition=RULE)).then()
    given(rule, SAVED).when(ChangeRule(**IDS, definition=RULE)).then()
    given(rule, SAVED).when(DisableRule(**IDS)).then()
    given(rule, SAVED, ENABLED).when(EnableRule(**IDS)).then()
    given(rule, SAVED, DELETED).when(DeleteRule(**IDS)).then()


def test_a_changed_rule_stays_enabled_and_a_new_one_of_a_deleted_name_does_not():
    other = replace(RULE, priority=1)
    changed = RuleSaved(**IDS, definition=other, before=RULE)
    given(rule, SAVED, ENABLED).when(ChangeRule(**IDS, definition=other)).then(changed)
    assert rule.fold([SAVED, ENABLED, changed]).status == "enabled"
    again = RuleSaved(**IDS, definition=other)
    given(rule, SAVED, ENABLED, DELETED).when(CreateRule(**IDS, definition=other)).then(again)
    assert rule.fold([SAVED, ENABLED, DELETED, again]).status == "disabled"


def test_what_is_not_there_or_there_with_other_contents_is_refused():
    other = CreateRule(**IDS, definition=replace(RULE, priority=1))
    given(rule, SAVED).when(other).refused("rule_exists")
    for command in (EnableRule(**IDS), DeleteRule(**IDS), ChangeRule(**IDS, definition=RULE)):
        given(rule).when(command).refused("not_found")
    for command in (EnableRule(**IDS), DisableRule(**IDS), ChangeRule(**IDS, definition=RULE)):
        given(rule, SAVED, DELETED).when(command).refused("not_found")


def _trigger(kind, *values):
    return {"trigger": Trigger(kind=kind, values=values)}


def _answer(**answer):
    return {"actions": Actions(answer=Answer(**answer))}


@pytest.mark.parametrize(
    "wrong",
    [
        {"actions": Actions()},
        {"priority": 0},
        {"cool_down_s": 604_801},
        _trigger("exact"),
        _trigger("away", "x"),
        _trigger("regex", "a", "b"),
        _trigger("regex", "a" * 257),
        _trigger("contains", " "),
        _trigger("contains", *(str(n) for n in range(51))),
        {"conditions": Conditions(labels=("a", "a"))},
        {"conditions": Conditions(accounts=tuple(UUID(int=n) for n in range(51)))},
        {"actions": Actions(labels=tuple(str(n) for n in range(10_000)))},
        _answer(),
        _answer(text="a" * 4097),
        _answer(text="  "),
        _answer(text="a", reply_id=UUID(int=1)),
        _answer(text="a", variables={"1": "b"}),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    command = CreateRule(**IDS, definition=replace(RULE, **wrong))
    given(rule).when(command).refused("invalid_rule")


def test_a_name_is_needed_and_a_link_leads_to_the_public():
    given(rule).when(CreateRule(**IDS, definition=replace(RULE, name=" "))).refused("invalid_name")
    inside = Answer(template_id=UUID(int=1), header_link="http://10.0.0.1/a.jpg")
    definition = replace(RULE, actions=Actions(answer=inside))
    given(rule).when(CreateRule(**IDS, definition=definition)).refused("private_link")


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        ("price list", "  PRICE\n\tlist ", True),
        ("price", "price?", False),
        ("straße", "STRASSE", True),
        ("preço", "prec\u0327o", True),
        ("ﬁnd", "find", True),
        ("Ⅻ", "xii", True),
        ("سعر", " سعر ", True),
    ],
)
def test_exact_is_the_whole_message_whatever_its_case_blanks_and_composition(value, text, found):
    assert triggered("exact", "else", value, text=text) is found


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        ("art", "Modern art!", True),
        ("art", "what a party", False),
        ("art", "party, then art", True),
        ("c++", "do you do C++?", True),
        ("opening hours", "your OPENING   hours?", True),
        ("价格", "请问价格多少", True),
        ("ราคา", "ขอราคาหน่อย", True),
        ("أسعار", "ما هي أسعار اليوم", True),
        ("caf", "café", False),
    ],
)
def test_contains_finds_words_and_not_parts_of_them(value, text, found):
    assert triggered("contains", value, text=text) is found


def test_a_pattern_is_found_anywhere_in_any_case():
    assert triggered("regex", r"\border\s+#?\d{4,}\b", text="Where is ORDER  #12345?")
    assert not triggered("regex", r"^stop$", text="do not stop")
    assert triggered("regex", "STRASSE|straße", text="Straße")
    assert not triggered("regex", "(unclosed", text="(unclosed"), "one kept from elsewhere"


def test_a_button_is_known_by_its_payload_alone():
    assert triggered("button", "YES", payload="YES", text="Ja")
    assert not triggered("button", "YES", text="YES")
    assert not triggered("button", "YES", payload="yes")


def test_a_first_message_is_the_first():
    assert triggered("first_message", first=True)
    assert not triggered("first_message", first=False)


@pytest.mark.parametrize(
    ("minute", "away"),
    [(8 * 60 + 59, True), (9 * 60, False), (16 * 60 + 59, False), (17 * 60, True)],
)
def test_away_is_outside_working_hours_on_the_wall_clock_of_the_zone(minute, away):
    zone = ZoneInfo("Asia/Jakarta")
    hours = Hours(((0, 9 * 60, 17 * 60),), zone)
    monday = datetime(2026, 11, 16, tzinfo=zone) + timedelta(minutes=minute)
    assert triggered("away", now=monday.astimezone(UTC), hours=hours) is away
    assert triggered("away", now=monday + timedelta(days=1), hours=hours)
    assert not triggered("away", now=monday, hours=ALWAYS)


@pytest.mark.parametrize(
    ("conditions", "hold"),
    [
        ({}, True),
        ({"accounts": (ACCOUNT,)}, True),
        ({"accounts": (UUID(int=999),)}, False),
        ({"labels": ("new", "vip")}, True),
        ({"labels": ("new",)}, False),
        ({"opted_out": False}, True),
        ({"opted_out": True}, False),
        ({"languages": ("pt",)}, True),
        ({"languages": ("pt-BR",)}, True),
        ({"languages": ("pt-PT", "en")}, False),
        ({"labels": ("vip",), "languages": ("en",)}, False),
    ],
)
def test_all_conditions_that_are_given_have_to_hold(conditions, hold):
    assert holds(**conditions) is hold
