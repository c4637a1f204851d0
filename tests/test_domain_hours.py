"""Working hours: which part of a span of time a team works."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from domain.hours import ALWAYS, Hours, checked_weekly
from domain.kernel import Rejected
from domain.workspace import SetWorkingHours, WorkspaceCreated, WorkspaceHoursSet, workspace
from tests.examples import WORKSPACE
from tests.spec import given

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOUR_MS = 3_600_000
OFFICE = tuple((day, 9 * 60, 17 * 60) for day in range(5))


def test_without_hours_it_is_always_open():
    assert ALWAYS.milliseconds(MONDAY, MONDAY + DAY) == 24 * HOUR_MS


def test_nights_and_weekends_do_not_count():
    office = Hours(OFFICE)
    assert office.milliseconds(MONDAY, MONDAY + 7 * DAY) == 5 * 8 * HOUR_MS
    assert office.milliseconds(MONDAY + 16 * HOUR, MONDAY + DAY + 10 * HOUR) == 2 * HOUR_MS
    assert office.milliseconds(MONDAY + 5 * DAY, MONDAY + 7 * DAY) == 0


def test_the_hours_are_those_of_the_zone():
    jakarta = Hours(OFFICE, ZoneInfo("Asia/Jakarta"))
    assert jakarta.milliseconds(MONDAY, MONDAY + 3 * HOUR) == HOUR_MS
    assert jakarta.milliseconds(MONDAY + 10 * HOUR, MONDAY + 20 * HOUR) == 0


def test_a_day_on_which_the_clocks_change_has_its_own_length():
    berlin = Hours(((6, 0, 24 * 60),), ZoneInfo("Europe/Berlin"))
    sunday = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    assert berlin.milliseconds(sunday - DAY, sunday + 2 * DAY) == 23 * HOUR_MS


def test_a_span_that_ends_before_it_begins_is_empty_and_a_very_long_one_is_cut():
    assert Hours(OFFICE).milliseconds(MONDAY, MONDAY - DAY) == 0
    assert ALWAYS.milliseconds(MONDAY - 3000 * DAY, MONDAY) == 366 * 24 * HOUR_MS


@forall(st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 20_000))
def test_parts_of_a_span_add_up(first, second, third):
    a, b, c = (MONDAY + timedelta(minutes=n) for n in sorted((first, second, third)))
    office = Hours(OFFICE, ZoneInfo("Europe/Berlin"))
    parts = office.milliseconds(a, b) + office.milliseconds(b, c)
    assert office.milliseconds(a, c) == parts


@pytest.mark.parametrize(
    "weekly",
    [((7, 0, 60),), ((-1, 0, 60),), ((0, 60, 60),), ((0, 0, 1441),), ((0, 0, 60), (0, 59, 90))],
)
def test_hours_that_make_no_sense_are_refused(weekly):
    with pytest.raises(Rejected) as refused:
        checked_weekly(weekly)
    assert refused.value.code == "invalid_hours"


def test_a_workspace_sets_its_hours():
    made = WorkspaceCreated(
        workspace_id=WORKSPACE, name="Shop", time_zone="UTC", country="ID", language="id"
    )
    command = SetWorkingHours(workspace_id=WORKSPACE, weekly=((1, 0, 60), (0, 0, 60)))
    given(workspace, made).when(command).then(
        WorkspaceHoursSet(workspace_id=WORKSPACE, weekly=((0, 0, 60), (1, 0, 60)))
    )
