"""Fetching customers' files from a provider that fails, lies or leads elsewhere."""

import base64
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from commands.policies import fetching
from commands.policies.files import AT_ONCE, TRIES
from domain.file import file
from projections.files import files
from tests import waha_bodies as waha
from tests import webhook_bodies as wire
from tests.files_provider import provider
from tests.files_site import ANA, PNG, FilesSite, provider_files
from tests.stage import Stage


@pytest.fixture
def there():
    with provider() as running:
        yield running


@pytest.fixture
def elsewhere():
    with provider() as running:
        yield running


@pytest.fixture
def site(tmp_path, there):
    stage = Stage(tmp_path)
    yield FilesSite(stage, provider_files(f"{there.url}/v23.0", there.url))
    stage.close()


def picture(media_id, wamid="wamid.1", **said):
    image = {"id": media_id, "mime_type": "image/png", **said}
    item = {"from": ANA, "id": wamid, "timestamp": "1800000000", "type": "image", "image": image}
    contact = {"profile": {"name": "Ana"}, "wa_id": ANA}
    return wire.body(wire.messages(contacts=[contact], messages=[item]))


def kept(site):
    """Every file in the storage, also those that are none yet."""
    folder = site.stage.files._folder
    return [path.name for path in folder.rglob("*") if path.is_file()]


def the_file(site):
    return site.stage.row(files)


def tried(site, now, there, times):
    """Steps at that moment until the provider was asked so often, and nothing is under way."""
    site.stage.await_(lambda: site.step(now=now) or len(there.asked) >= times, "the tries")
    site.stage.await_(lambda: site.step(now=now) or not site.policy._under_way, "their end")


def test_a_file_comes_with_its_name_and_type_as_the_webhook_said(site, there):
    there.has("m1", PNG)
    digest = base64.b64encode(sha256(PNG).digest()).decode()
    site.take(picture("m1", filename="a b.png", sha256=digest))
    (row,) = site.ended()
    assert (row.status, row.mime_type, row.filename) == ("stored", "image/png", "a b.png")
    assert (row.sha256, row.size) == (sha256(PNG).hexdigest(), len(PNG))
    tokens = {headers["Authorization"] for _, headers in there.asked}
    assert tokens == {"Bearer token-1"}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"sha256": "ab" * 32}, "its bytes have the SHA-256"),
        ({"length": len(PNG) + 1}, "the file was cut off"),
        ({"data": b"", "length": 0}, "without any bytes"),
        ({"status": 500}, "HTTP 500 instead of the file"),
        ({"status": 401}, "HTTP 401 instead of the file"),
    ],
)
def test_what_does_not_come_as_it_should_is_asked_for_again(site, there, changed, why):
    there.has("m1", changed.pop("data", PNG), **changed)
    site.take(picture("m1"))
    now = datetime.now(UTC)
    tried(site, now, there, 2)
    assert (the_file(site).status, kept(site)) == ("wanted", [])
    there.has("m1", PNG)
    assert site.step(now=now + timedelta(seconds=4)) == 0
    assert len(there.asked) == 2
    (row,) = site.ended(now=now + timedelta(seconds=6))
    assert row.status == "stored"


def test_a_file_that_never_comes_is_given_up_after_ten_tries_ever_further_apart(site, there):
    there.has("m1", PNG, sha256="ab" * 32)
    site.take(picture("m1"))
    now = datetime.now(UTC)
    for times in range(1, TRIES):
        tried(site, now, there, 2 * times)
        assert the_file(site).status == "wanted"
        now += timedelta(hours=2)
    (row,) = site.ended(now=now)
    assert (row.status, len(there.asked)) == ("failed", 2 * TRIES)
    assert "its bytes have the SHA-256" in row.why
    assert not site.wanted()


@pytest.mark.parametrize("status", [404, 410, 302])
def test_the_end_of_a_file_is_told_from_a_passing_trouble(site, there, status):
    there.has("m1", PNG, status=status)
    site.take(picture("m1"))
    if status == 302:
        tried(site, datetime.now(UTC), there, 2)
        assert the_file(site).status == "wanted"
    else:
        (row,) = site.ended()
        assert row.why == f"{status}: HTTP {status} instead of the file"


def test_what_the_provider_does_not_know_any_more_is_given_up_at_once(site, there):
    site.take(picture("m404"))
    (row,) = site.ended()
    assert (row.status, row.why) == ("failed", "100: Unsupported get request.")
    assert there.paths() == ["/v23.0/m404"]


def test_a_wrong_token_is_ours_to_mend_and_the_file_stays_wanted(site, there):
    there.has("m1", PNG)
    there.refusal = 401, {"error": {"code": 190, "message": "Access token has expired"}}
    site.take(picture("m1"))
    tried(site, datetime.now(UTC), there, 1)
    assert the_file(site).status == "wanted"


def test_more_than_a_customer_can_send_is_refused_on_the_way(site, there, monkeypatch):
    monkeypatch.setattr(fetching, "LARGEST_RECEIVED", 200_000)
    there.has("m1", bytes(500_000), length=None)
    site.take(picture("m1"))
    (row,) = site.ended()
    assert (row.status, row.why) == ("failed", "the file has more than 200000 bytes")
    assert kept(site) == []


@pytest.mark.parametrize("way", ["said", "redirected"])
def test_nobody_elsewhere_is_asked_for_a_file_or_hears_our_token(site, there, elsewhere, way):
    elsewhere.has("m1", PNG)
    target = f"{elsewhere.url}/bytes/m1"
    if way == "said":
        there.has("m1", PNG, url=target)
    else:
        there.has("m1", PNG, status=302, location=target)
    site.take(picture("m1"))
    tried(site, datetime.now(UTC), there, 1)
    assert elsewhere.asked == []
    assert (the_file(site).status, kept(site)) == ("wanted", [])


def test_a_file_older_than_thirty_days_is_not_asked_for(site, there):
    there.has("m1", PNG)
    site.take(picture("m1"))
    (row,) = site.ended(now=datetime.now(UTC) + timedelta(days=31))
    assert (row.status, row.why, there.asked) == ("failed", "it is older than 30 days", [])


def test_two_policies_at_once_store_it_once(site, there):
    there.has("m1", PNG)
    site.take(picture("m1"))
    other = site.new_policy(provider_files(f"{there.url}/v23.0"))
    there.gate.clear()
    for policy in (site.policy, other):
        policy.step(datetime.now(UTC))
    site.stage.await_(lambda: there.most == 2, "both fetching")
    there.gate.set()
    (row,) = site.ended()
    site.ended(policy=other)
    assert site.stage.names(row.file_id) == ["FileStored"]
    assert site.stage.state(file, row.file_id).status == "stored"


def test_many_are_fetched_side_by_side_but_not_all_at_once(site, there):
    ids = [f"m{n}" for n in range(20)]
    for id_ in ids:
        there.has(id_, PNG)
    site.take(*(picture(id_, wamid=f"wamid.{id_}") for id_ in ids))
    there.gate.clear()
    site.stage.await_(lambda: site.step() or there.under_way == AT_ONCE, "as many as may be")
    there.gate.set()
    rows = site.ended(len(ids))
    assert {row.status for row in rows} == {"stored"}
    assert there.most == AT_ONCE
    assert len(kept(site)) == 1


def photo(url, **media):
    said = {"url": url, "mimetype": "image/jpeg", "filename": None, "error": None}
    return waha.event("message", waha.message(hasMedia=True, body="", media=said | media))


def test_a_file_at_waha_is_asked_of_the_waha_we_know_wherever_it_says_it_is(site, there):
    site.stage.session(waha.SHOP)
    there.has("BB.jpg", PNG)
    site.take(photo("http://localhost:3000/api/files/shop/BB.jpg"), source="waha")
    (row,) = site.ended()
    assert (row.status, row.mime_type) == ("stored", "image/jpeg")
    ((path, headers),) = there.asked
    assert (path, headers["X-Api-Key"]) == ("/api/files/shop/BB.jpg", "waha-key")


@pytest.mark.parametrize(
    "path", ["/bytes/BB.jpg", "/api/files/../sessions", "/api/files/", "/api/files/%2e%2e/sessions"]
)
def test_nothing_but_a_file_of_wahas_is_asked_for(site, elsewhere, path, there):
    site.stage.session(waha.SHOP)
    site.take(photo(f"{elsewhere.url}{path}"), source="waha")
    (row,) = site.ended()
    assert row.status == "failed"
    assert "no file of WAHA's" in row.why
    assert there.asked + elsewhere.asked == []


def test_a_file_that_waha_could_not_fetch_itself_has_failed_from_the_start(site):
    site.stage.session(waha.SHOP)
    site.take(photo(None, error="expired"), source="waha")
    assert the_file(site).status == "failed"
    assert the_file(site).why == "the provider did not say where the file is"
    assert not site.wanted()
