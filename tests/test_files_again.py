"""A customer's file that was given up, asked for again by whoever may see its conversation."""

from datetime import UTC, datetime, timedelta

import pytest

from commands.policies import files as policy_of_files
from commands.policies.files import SETTLED
from domain.ids import show
from infra.cli.findings import read_findings
from infra.metrics.exposition import of_files
from infra.settings import Settings
from projections.files import file_uses
from tests.files_provider import provider
from tests.files_site import PNG, FilesSite, provider_files
from tests.people_site import people_site
from tests.simulators import until
from tests.test_file_people import behind
from tests.test_files_fetching import picture
from tests.test_metrics import figures


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with people_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def there():
    with provider() as running:
        yield running


class Desk:
    """People of the workspace, and the policy that fetches."""

    def __init__(self, site, there):
        self.stage = site.stage
        self.files = FilesSite(site.stage, provider_files(f"{there.url}/v23.0", there.url))
        self.ani, self.budi, self.auditor, owner = (
            site.person(site.stage.ws, role) for role in ("agent", "agent", "auditor", "owner")
        )
        path = f"/v1/accounts/{show('account', site.stage.account)}/users/{self.ani.id}"
        answer = owner.http.put(path)
        assert answer.status_code == 200
        head = behind(answer.json()["position"])
        assert self.ani.http.get("/v1/conversations", headers=head).status_code == 200

    def comes(self, media_id, wamid):
        """A picture, and the id of its file."""
        known = {row.file_id for row in self.stage.rows(file_uses)}
        self.stage.inbox.accept_many([picture(media_id, wamid)], datetime.now(UTC))
        self.files.inbox.step(datetime.now(UTC))
        until(lambda: len(self.stage.rows(file_uses)) > len(known), "its row")
        [row] = [row for row in self.stage.rows(file_uses) if row.file_id not in known]
        return show("file", row.file_id)

    def tried(self, now=None):
        """Until a file was stored or given up."""
        now = now or datetime.now(UTC)
        until(lambda: self.files.policy.step(now), "an end")

    def asks(self, file_id, by=None, **headers):
        http = (by or self.ani).http
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return http.post(f"/v1/files/{file_id}/fetch", headers=named)

    def shown(self, file_id):
        after = behind(self.stage.store.head())
        return self.ani.http.get(f"/v1/files/{file_id}", headers=after)


@pytest.fixture
def desk(site, there, monkeypatch):
    monkeypatch.setattr(policy_of_files, "TRIES", 1)
    return Desk(site, there)


def refused(answer, status, code):
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return answer.json()["detail"]


def test_a_file_that_was_given_up_is_fetched_when_somebody_asks_for_it_again(desk, there):
    there.has("m1", PNG, status=500)
    file_id = desk.comes("m1", "wamid.1")
    refused(desk.asks(file_id), 404, "not_found")  # nobody gave it up
    desk.tried()
    assert "HTTP 500" in desk.shown(file_id).json()["detail"]
    refused(desk.asks(file_id, desk.budi), 404, "not_found")
    refused(desk.asks(file_id, desk.auditor), 403, "permission_missing")
    first = desk.asks(file_id, Idempotency_Key="again").json()
    assert (first["id"], desk.asks(file_id, Idempotency_Key="again").json()) == (file_id, first)
    assert desk.asks(file_id).json()["version"] == first["version"]
    assert desk.shown(file_id).json()["detail"].endswith("ask again later")
    there.has("m1", PNG)
    desk.tried(datetime.now(UTC) + SETTLED + timedelta(seconds=1))
    assert desk.shown(file_id).content == PNG
    assert "stored" in refused(desk.asks(file_id), 409, "wrong_state")


def test_what_the_provider_has_no_more_is_not_asked_for(desk):
    file_id = desk.comes("m404", "wamid.2")
    desk.tried()
    assert "send it again" in refused(desk.asks(file_id), 409, "not_with_provider")


def test_what_is_no_file_of_the_workspace_is_not_found(desk, site):
    for kind, id_ in (("file", site.stage.ws), ("file", site.stage.account)):
        refused(desk.asks(show(kind, id_)), 404, "not_found")


def test_operators_see_what_waits_and_what_was_given_up(desk, there):
    before = figures(of_files(desk.stage.read))
    there.has("m3", PNG, status=500)
    file_id = desk.comes("m3", "wamid.3")
    waiting = figures(of_files(desk.stage.read))
    assert waiting["blazz_files_waiting",] == before["blazz_files_waiting",] + 1
    assert waiting["blazz_files_oldest_waiting_seconds",] > 0
    desk.tried()
    desk.shown(file_id)  # the read models have it
    found = figures(of_files(desk.stage.read))
    assert found["blazz_files_waiting",] == before["blazz_files_waiting",]
    assert found["blazz_files_given_up",] == before["blazz_files_given_up",] + 1
    settings = Settings(store_url=desk.stage.store_url, read_url=desk.stage.read_url)
    [line] = [said for said in read_findings(settings, desk.stage.read) if "files:" in said]
    assert line.startswith("warning: files: ")
    assert "given up in the last 24 hours, the last one because: HTTP 500 instead" in line
