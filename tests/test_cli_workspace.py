"""Companies, their keys and their health, as operators see them on the command line."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from domain.account import PauseNumber, account
from infra.cli.findings import default_secrets, read_findings, store_findings
from infra.settings import Settings
from projections.people import users
from projections.workspaces import workspaces
from tests.stage import Stage
from tests.test_cli import blazz


@pytest.fixture
def stage(tmp_path):
    with_facts = Stage(tmp_path)
    with_facts.environment = {
        "BLAZZ_STORE_URL": with_facts.store_url,
        "BLAZZ_READ_URL": with_facts.read_url,
    }
    with_facts.settings = Settings(store_url=with_facts.store_url, read_url=with_facts.read_url)
    yield with_facts
    with_facts.close()


def typed(stage, *arguments):
    done = blazz("workspace", *arguments, **stage.environment)
    assert done.returncode == 0, done.stderr
    stage.project()
    return done.stdout


def test_companies_are_listed_and_changed(stage):
    typed(stage, "create", "Kopi", "--time-zone", "Asia/Jakarta")
    assert "Kopi" in typed(stage, "list")
    typed(stage, "set", "Kopi", "--name", "Kopi Baru", "--quiet-hours", "21:00-08:00")
    typed(stage, "set", "Kopi Baru", "--time-zone", "Europe/Berlin")
    with stage.read.connect() as connection:
        row = connection.execute(select(workspaces).where(workspaces.c.name == "Kopi Baru")).one()
    assert (row.time_zone, row.quiet_start, row.quiet_end) == ("Europe/Berlin", 1260, 480)


def test_keys_are_listed_without_themselves_and_closed_for_good(stage):
    typed(stage, "create", "Kopi")
    shown = typed(stage, "key", "Kopi", "--scope", "read", "--expires-days", "3").strip()
    listed = typed(stage, "keys", "Kopi")
    assert shown not in listed
    (key_id,) = [word for word in listed.split() if word.startswith("key_")]
    typed(stage, "revoke", "Kopi", key_id)
    assert "revoked" in typed(stage, "keys", "Kopi")
    unknown = blazz("workspace", "revoke", "Kopi", "key_1", **stage.environment)
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)


def test_a_company_begins_with_an_owner_that_an_operator_invites(stage):
    typed(stage, "create", "Kopi")
    token = typed(stage, "invite", "Kopi", "ana@mail.example").strip()
    assert token.startswith("blz_inv_")
    assert typed(stage, "invite", "Kopi", "Ana@mail.example").strip() == token
    with stage.read.connect() as connection:
        row = connection.execute(select(users)).one()
    assert (row.email, row.role, row.status) == ("ana@mail.example", "owner", "invited")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["key", "Nobody"], 1, "no workspace is named 'Nobody'"),
        (["set", "Nobody", "--name", "x"], 1, "no workspace is named 'Nobody'"),
        (["set", "Acme"], 2, "nothing to change"),
        (["invite", "Acme", "ana"], 1, "name@host.example"),
        (["invite", "Acme", "ana@mail.example", "--role", "boss"], 1, "no role 'boss'"),
        (["set", "Acme", "--quiet-hours", "late"], 1, "21:00-08:00"),
        (["set", "Acme", "--time-zone", "Mars"], 1, "no time zone 'Mars'"),
    ],
)
def test_an_operator_is_told_in_one_line(stage, arguments, status, words):
    done = blazz("workspace", *arguments, **stage.environment)
    assert (done.returncode, done.stderr.count("\n")) == (status, 1), done.stderr
    assert words in done.stderr


def test_the_doctor_finds_nothing_where_nothing_is_wrong(stage):
    stage.project()
    assert list(read_findings(stage.settings, stage.read)) == []
    assert list(store_findings(stage.engine)) == []


def test_the_doctor_finds_what_stands_still(stage):
    stage.project()
    pause = PauseNumber(workspace_id=stage.ws, account_id=stage.account, reason="190: token")
    stage.do(account, stage.account, pause)
    stage.project()
    stage.contact("+6281234567890")
    found = "\n".join(read_findings(stage.settings, stage.read))
    assert "projection contacts: 2 facts behind the store" in found
    assert "190: token: POST /v1/accounts/" in found


def test_the_doctor_finds_kept_webhooks_and_well_known_secrets(stage):
    now = datetime.now(UTC)
    stage.inbox.accept(b"{}", now)
    (item,) = stage.inbox.take(2, now)
    stage.inbox.settle([(item.id, "kept", "why")])
    assert "1 kept for people" in "\n".join(store_findings(stage.engine))
    assert list(default_secrets(stage.settings)) == []
    real = Settings(whatsapp_url="https://graph.example/v23.0")
    assert len(list(default_secrets(real))) == 3
