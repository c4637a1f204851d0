"""Rules of a workspace."""

from datetime import datetime

import pytest

from domain.workspace import (
    ApiKeyIssued,
    ApiKeyRevoked,
    CreateWorkspace,
    IssueApiKey,
    RenameWorkspace,
    RevokeApiKey,
    SetQuietHours,
    SetTimeZone,
    WorkspaceCreated,
    WorkspaceQuietHoursSet,
    WorkspaceRenamed,
    WorkspaceTimeZoneSet,
    workspace,
)
from tests.examples import DAY, KEY, OTHER_CONTACT, WORKSPACE
from tests.spec import NOW, given

ids = {"workspace_id": WORKSPACE}
toko = {"name": "Toko Maju", "time_zone": "Asia/Jakarta", "country": "ID", "language": "id"}
created = WorkspaceCreated(**ids, **toko)
key = {"key_id": KEY, "name": "shop", "secret_hash": "ab" * 32, "scopes": ("read", "send")}
issued = ApiKeyIssued(**ids, **key)


def test_a_workspace_is_created_once():
    given(workspace).when(CreateWorkspace(**ids, **toko)).then(created)
    given(workspace, created).when(CreateWorkspace(**ids, **toko)).then()
    other = CreateWorkspace(**ids, **{**toko, "country": "SG"})
    given(workspace, created).when(other).refused("workspace_exists", "wsp_", "other contents")


@pytest.mark.parametrize(
    ("wrong", "code", "word"),
    [
        ({"name": "  "}, "invalid_name", "blank"),
        ({"name": ""}, "invalid_name", "1 to 128"),
        ({"name": "n" * 129}, "invalid_name", "129"),
        ({"time_zone": ""}, "invalid_time_zone", "Asia/Jakarta"),
        ({"country": "id"}, "invalid_country", "'id'"),
        ({"country": "IDN"}, "invalid_country", "two capital letters"),
    ],
)
def test_a_workspace_needs_a_name_a_zone_and_a_country(wrong, code, word):
    given(workspace).when(CreateWorkspace(**ids, **{**toko, **wrong})).refused(code, word)


@pytest.mark.parametrize(
    "command",
    [
        RenameWorkspace(**ids, name="x"),
        SetTimeZone(**ids, time_zone="UTC"),
        SetQuietHours(**ids, start_minute=None, end_minute=None),
        IssueApiKey(**ids, **key),
        RevokeApiKey(**ids, key_id=KEY),
    ],
)
def test_nothing_can_be_asked_of_an_absent_workspace(command):
    given(workspace).when(command).refused("not_found", "there is no workspace wsp_")


def test_a_workspace_is_renamed():
    renamed = WorkspaceRenamed(**ids, name="Toko Jaya")
    given(workspace, created).when(RenameWorkspace(**ids, name="Toko Jaya")).then(renamed)
    given(workspace, created, renamed).when(RenameWorkspace(**ids, name="Toko Jaya")).then()
    given(workspace, created).when(RenameWorkspace(**ids, name=" ")).refused("invalid_name")


def test_the_longest_name_has_128_characters():
    renamed = WorkspaceRenamed(**ids, name="n" * 128)
    given(workspace, created).when(RenameWorkspace(**ids, name="n" * 128)).then(renamed)


def test_a_workspace_moves_to_another_time_zone():
    moved = WorkspaceTimeZoneSet(**ids, time_zone="Asia/Makassar")
    given(workspace, created).when(SetTimeZone(**ids, time_zone="Asia/Makassar")).then(moved)
    given(workspace, created).when(SetTimeZone(**ids, time_zone="Asia/Jakarta")).then()
    given(workspace, created).when(SetTimeZone(**ids, time_zone=" ")).refused("invalid_time_zone")


def test_quiet_hours_are_set_and_taken_away():
    hours = {"start_minute": 1439, "end_minute": 0}
    quiet = WorkspaceQuietHoursSet(**ids, **hours)
    none = {"start_minute": None, "end_minute": None}
    loud = WorkspaceQuietHoursSet(**ids, **none)
    given(workspace, created).when(SetQuietHours(**ids, **hours)).then(quiet)
    given(workspace, created).when(SetQuietHours(**ids, **none)).then()
    given(workspace, created, quiet).when(SetQuietHours(**ids, **none)).then(loud)
    given(workspace, created, quiet, loud).when(SetQuietHours(**ids, **hours)).then(quiet)


@pytest.mark.parametrize(
    ("start", "end"), [(None, 5), (5, None), (-1, 5), (5, 1440), (7, 7), (0, 0)]
)
def test_quiet_hours_are_two_different_minutes_of_the_day(start, end):
    asked = SetQuietHours(**ids, start_minute=start, end_minute=end)
    given(workspace, created).when(asked).refused("invalid_quiet_hours", f"{start} and {end}")


def test_a_key_is_issued_once():
    given(workspace, created).when(IssueApiKey(**ids, **key)).then(issued)
    given(workspace, created, issued).when(IssueApiKey(**ids, **key)).then()
    other = IssueApiKey(**ids, **{**key, "name": "till"})
    given(workspace, created, issued).when(other).refused("key_exists", "key_")


def test_the_scopes_of_a_key_are_kept_once_each_and_in_order():
    shuffled = IssueApiKey(**ids, **{**key, "scopes": ("send", "read", "send")})
    given(workspace, created).when(shuffled).then(issued)


@pytest.mark.parametrize(
    ("wrong", "code", "word"),
    [
        ({"scopes": ()}, "invalid_scopes", "these are none"),
        ({"scopes": ("read", "own")}, "invalid_scopes", "read, own"),
        ({"name": ""}, "invalid_name", "key"),
        ({"expires_at": NOW}, "invalid_expiry", "not after"),
        ({"expires_at": datetime(2027, 1, 1)}, "invalid_expiry", "offset"),  # noqa: DTZ001
    ],
)
def test_a_key_has_a_name_known_scopes_and_a_future(wrong, code, word):
    given(workspace, created).when(IssueApiKey(**ids, **{**key, **wrong})).refused(code, word)


def test_a_key_may_expire():
    later = {**key, "expires_at": NOW + DAY}
    lasting = ApiKeyIssued(**ids, **later)
    given(workspace, created).when(IssueApiKey(**ids, **later)).then(lasting)
    repeated = given(workspace, created, lasting)
    repeated.when(IssueApiKey(**ids, **later), NOW + 2 * DAY).then()


def test_a_key_is_revoked_for_good():
    revoked = ApiKeyRevoked(**ids, key_id=KEY)
    given(workspace, created, issued).when(RevokeApiKey(**ids, key_id=KEY)).then(revoked)
    past = given(workspace, created, issued, revoked)
    past.when(RevokeApiKey(**ids, key_id=KEY)).then()
    past.when(IssueApiKey(**ids, **key)).refused("key_revoked", "another")


def test_a_key_that_was_never_issued_cannot_be_revoked():
    unknown = RevokeApiKey(**ids, key_id=OTHER_CONTACT)
    given(workspace, created, issued).when(unknown).refused("not_found", "there is no key key_")
