"""Workspaces, keys, numbers and templates as their read models show them."""

from datetime import timedelta
from uuid import UUID

from domain import account as number
from domain import template as tpl
from domain import workspace as wsp
from projections import accounts, templates, workspaces
from tests.examples import ACCOUNT, KEY, TEMPLATE, WORKSPACE, submitted
from tests.read_models import at, built, changed
from tests.spec import NOW

created = wsp.WorkspaceCreated(
    workspace_id=WORKSPACE, name="Toko", time_zone="Asia/Jakarta", country="ID", language="id"
)
issued = wsp.ApiKeyIssued(
    workspace_id=WORKSPACE,
    key_id=KEY,
    name="CRM",
    secret_hash="ab" * 32,
    scopes=("write", "read"),
    expires_at=NOW + timedelta(days=1),
)
connected = number.NumberConnected(
    workspace_id=WORKSPACE,
    account_id=ACCOUNT,
    provider="cloud_api",
    phone_number_id="111",
    waba_id="222",
    display_phone_number="+62 811",
    name="Toko",
    messages_per_second=80,
)
of_number = {"workspace_id": WORKSPACE, "account_id": ACCOUNT}
of_template = {"workspace_id": WORKSPACE, "template_id": TEMPLATE}


def test_a_created_workspace_has_its_settings_and_a_birthday():
    tables = built(workspaces.projection, created)
    assert tables[workspaces.workspaces] == {
        (WORKSPACE,): {
            "name": "Toko",
            "time_zone": "Asia/Jakarta",
            "country": "ID",
            "language": "id",
            "quiet_start": None,
            "quiet_end": None,
            "working_hours": None,
            "created_at": at(1),
            "version": 1,
        }
    }


def test_a_workspace_can_be_renamed_moved_and_given_quiet_hours():
    tables = built(
        workspaces.projection,
        created,
        wsp.WorkspaceRenamed(workspace_id=WORKSPACE, name="Warung"),
        wsp.WorkspaceTimeZoneSet(workspace_id=WORKSPACE, time_zone="UTC"),
        wsp.WorkspaceQuietHoursSet(workspace_id=WORKSPACE, start_minute=1260, end_minute=480),
    )
    row = tables.one(workspaces.workspaces)
    assert (row["name"], row["time_zone"], row["version"]) == ("Warung", "UTC", 4)
    assert (row["quiet_start"], row["quiet_end"]) == (1260, 480)


def test_working_hours_are_shown_with_their_names():
    hours = wsp.WorkspaceHoursSet(workspace_id=WORKSPACE, weekly=((0, 540, 1020),))
    row = built(workspaces.projection, *[hours]).one(workspaces.workspaces)
    assert row["working_hours"] == '[{"day":0,"end_minute":1020,"start_minute":540}]'


def test_quiet_hours_can_be_taken_away():
    tables = built(
        workspaces.projection,
        wsp.WorkspaceQuietHoursSet(workspace_id=WORKSPACE, start_minute=1260, end_minute=480),
        wsp.WorkspaceQuietHoursSet(workspace_id=WORKSPACE, start_minute=None, end_minute=None),
    )
    assert tables.one(workspaces.workspaces)["quiet_start"] is None


def test_an_issued_key_is_found_by_its_hash_and_a_revoked_one_says_since_when():
    revoked = wsp.ApiKeyRevoked(workspace_id=WORKSPACE, key_id=KEY)
    tables = built(workspaces.projection, created, issued, revoked)
    assert tables[workspaces.api_keys] == {
        (WORKSPACE, KEY): {
            "name": "CRM",
            "secret_hash": "ab" * 32,
            "scopes": '["write","read"]',
            "expires_at": NOW + timedelta(days=1),
            "created_at": at(2),
            "revoked_at": at(3),
        }
    }
    assert tables.one(workspaces.workspaces)["version"] == 3


def test_a_number_is_connected_paused_resumed_and_disconnected():
    steps = [
        (connected, "connected", None),
        (number.NumberPaused(**of_number, reason="131031"), "paused", "131031"),
        (number.NumberResumed(**of_number), "connected", None),
        (number.NumberDisconnected(**of_number, reason="moved"), "disconnected", "moved"),
    ]
    for count, (_, status, reason) in enumerate(steps, 1):
        facts = [fact for fact, *_ in steps[:count]]
        row = built(accounts.projection, *facts).one(accounts.accounts)
        assert (row["status"], row["pause_reason"], row["version"]) == (status, reason, count)


def test_a_number_shows_its_quality_and_what_it_was_connected_with():
    rated = number.NumberQualityChanged(**of_number, quality="YELLOW", tier="TIER_1K")
    tables = built(accounts.projection, connected, rated)
    assert changed(tables.one(accounts.accounts), accounts.accounts) == {
        "provider": "cloud_api",
        "phone_number_id": "111",
        "waba_id": "222",
        "display_phone_number": "+62 811",
        "name": "Toko",
        "status": "connected",
        "quality": "YELLOW",
        "tier": "TIER_1K",
        "messages_per_second": 80,
        "created_at": at(1),
        "version": 2,
    }


def test_connecting_again_keeps_the_birthday():
    gone = number.NumberDisconnected(**of_number, reason="")
    row = built(accounts.projection, connected, gone, connected).one(accounts.accounts)
    assert (row["status"], row["created_at"]) == ("connected", at(1))


def test_a_submitted_template_is_work_until_the_provider_knows_it():
    tables = built(templates.projection, submitted)
    assert tables[templates.template_submissions] == {
        (WORKSPACE, TEMPLATE): {"account_id": ACCOUNT, "submitted_at": at(1)}
    }
    known = tpl.TemplateRegistered(**of_template, provider_template_id="900")
    tables = built(templates.projection, submitted, known)
    assert not tables[templates.template_submissions]
    row = tables.one(templates.templates)
    assert (row["status"], row["provider_template_id"]) == ("submitted", "900")
    assert row["variables"] == '["1"]'


def test_a_template_shows_the_outcome_of_its_review_with_the_reason():
    outcomes = {
        "approved": tpl.TemplateApproved(**of_template),
        "rejected": tpl.TemplateRejected(**of_template, reason="TAG_CONTENT_MISMATCH"),
        "paused": tpl.TemplatePaused(**of_template, reason="quality"),
        "disabled": tpl.TemplateDisabled(**of_template, reason="quality"),
    }
    for status, fact in outcomes.items():
        tables = built(templates.projection, submitted, fact)
        row = tables.one(templates.templates)
        assert (row["status"], row["reason"]) == (status, getattr(fact, "reason", None))
        assert not tables[templates.template_submissions]


def test_a_template_submitted_again_is_work_again_and_keeps_its_birthday():
    refused = tpl.TemplateRejected(**of_template, reason="INVALID_FORMAT")
    tables = built(templates.projection, submitted, refused, submitted)
    row = tables.one(templates.templates)
    assert (row["status"], row["reason"], row["created_at"]) == ("submitted", None, at(1))
    assert len(tables[templates.template_submissions]) == 1


def test_workspaces_are_rows_apart():
    other = wsp.WorkspaceRenamed(workspace_id=UUID(int=99), name="Other")
    tables = built(workspaces.projection, created, other)
    assert {key: row["name"] for key, row in tables[workspaces.workspaces].items()} == {
        (WORKSPACE,): "Toko",
        (UUID(int=99),): "Other",
    }
