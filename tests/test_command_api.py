"""What holds for every command: keys of repetition, bodies, limits, tenants."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from commands.routes import COMMANDS
from tests.command_site import command_site, unknown

PHONE = "+6281234567890"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def company(site):
    return site.workspace()


def add(company, key, **body):
    return company.post("/v1/contacts", {"phone": PHONE, **body}, Idempotency_Key=key)


def test_a_repeated_request_gets_the_same_answer_and_has_one_effect(company):
    first, second = add(company, "k"), add(company, "k")
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert company.facts() == ["ContactAdded", "IdentifierClaimed"]


def test_the_stored_answer_is_given_even_after_the_thing_has_moved_on(company):
    first = add(company, "k")
    company.http.delete(first.headers["Location"])
    assert add(company, "k").content == first.content


def test_the_order_and_spacing_of_a_body_do_not_make_it_another_request(company):
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    for content in (b'{"phone":"%b","email":""}', b'{ "email": "",\n "phone": "%b" }'):
        answer = company.http.post(
            "/v1/contacts", content=content % PHONE.encode(), headers=headers
        )
        assert answer.status_code == 201
    assert company.facts() == ["ContactAdded", "IdentifierClaimed"]


def test_a_key_used_for_another_body_or_another_path_is_refused(company):
    id_ = add(company, "k").json()["id"]
    other = add(company, "k", first_name="Budi")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    company.post(f"/v1/contacts/{id_}/block", Idempotency_Key="b")
    elsewhere = company.post(f"/v1/contacts/{unknown('contact')}/block", Idempotency_Key="b")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "idempotency_key_reused")


def test_keys_of_two_companies_and_of_two_routes_are_different_keys(site, company):
    other = site.workspace()
    assert add(company, "k").status_code == add(other, "k").status_code == 201
    assert company.post("/v1/groups", {"name": "VIP"}, Idempotency_Key="k").status_code == 201


def test_a_refused_request_may_be_repeated_with_its_key(company):
    path = f"/v1/contacts/{add(company, 'a').json()['id']}"
    assert add(company, "k").status_code == 409
    company.patch(path, {"phone": "+6281234567000"}, 1)
    assert add(company, "k").status_code == 201


def test_fifty_equal_requests_at_once_have_one_effect_and_one_answer(company):
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: add(company, "k"), range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    replayed = ["Idempotent-Replayed" in answer.headers for answer in answers]
    assert replayed.count(False) == 1
    assert company.facts() == ["ContactAdded", "IdentifierClaimed"]


def test_a_request_without_effect_is_remembered_too(company):
    path = f"/v1/contacts/{add(company, 'a').json()['id']}/block"
    company.post(path)
    first = company.post(path, {}, Idempotency_Key="k")
    again = company.post(path, {}, Idempotency_Key="k")
    other = company.post(path, {"reason": "x"}, Idempotency_Key="k")
    assert first.content == again.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.status_code == 422


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\u00fc"])
def test_a_key_is_visible_ascii(company, key):
    headers = {"Idempotency-Key": key.encode()}
    answer = company.http.post("/v1/contacts", json={"phone": PHONE}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


def test_the_longest_key_is_kept(company):
    assert add(company, "~" * 255).content == add(company, "~" * 255).content


@pytest.mark.parametrize("path", ["/v1/campaigns", "/v1/contacts/import"])
def test_what_must_not_happen_twice_needs_a_key(company, path):
    answer = company.post(path, {})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_all_errors_of_a_body_are_told_at_once_with_their_places(company):
    answer = company.post(
        "/v1/contacts",
        {
            "phone": "123",
            "email": "x",
            "time_zone": "Asia/Nowhere",
            "first_name": "a\u0000b",
            "attributes": {"a/b~c": 1, "ok": "x" * 1025},
            "workspace_id": "wsp_1",
        },
    )
    errors = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert errors == {
        "/phone": "phone_invalid",
        "/email": "email_invalid",
        "/time_zone": "time_zone_unknown",
        "/first_name": "control_character",
        "/attributes/a~1b~0c": "string_type",
        "/attributes/ok": "string_too_long",
        "/workspace_id": "extra_forbidden",
    }
    assert company.facts() == []


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x7f", "\x9f", "\n", "\r"])
def test_control_characters_are_refused_and_their_place_is_told(company, character):
    answer = company.post("/v1/groups", {"name": f"V{character}P"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (422, "control_character")
    assert f"character 2 is U+{ord(character):04X}" in error["detail"]


def test_composed_and_decomposed_text_is_the_same_text(company):
    composed = company.post("/v1/groups", {"name": "Jürgen"}).json()
    assert company.post("/v1/groups", {"name": "Ju\u0308rgen"}).json() == composed


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b'{"phone": ', "line 1, column"),
        (b'{\n"phone": nul}', "line 2, column"),
        (b'{"phone": NaN}', "line 1"),
        (b'{"phone": "\xff"}', "not JSON"),
        (b'{"phone": "\\ud800"}', "not JSON"),
        (b"[" * 5000, "not JSON"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(company, content, words):
    headers = {"Content-Type": "application/json"}
    answer = company.http.post("/v1/contacts", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "json_malformed")
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("content", [b"[]", b"1", b"null", b'"x"'])
def test_a_body_is_an_object(company, content):
    headers = {"Content-Type": "application/json"}
    answer = company.http.post("/v1/contacts", content=content, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == ""


@pytest.mark.parametrize("kind", ["text/plain", "", "application/json; charset=latin-1"])
def test_a_body_must_say_that_it_is_json(company, kind):
    headers = {"Content-Type": kind}
    answer = company.http.post("/v1/groups", content=b'{"name":"VIP"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")
    fine = {"Content-Type": 'application/JSON; charset="UTF-8"'}
    assert company.http.post("/v1/groups", content=b'{"name":"VIP"}', headers=fine).is_success


def test_a_command_without_contents_takes_no_fields(company):
    path = f"/v1/contacts/{add(company, 'a').json()['id']}/restore"
    assert company.post(path, {}).status_code == 200
    assert company.post(path, {"reason": "x"}).status_code == 422


def test_a_body_above_256_kib_is_refused_announced_or_not(company):
    large = b'{"name":"' + b"x" * 256 * 1024 + b'"}'
    headers = {"Content-Type": "application/json"}
    for content in (large, iter([large[:1000], large[1000:]])):
        answer = company.http.post("/v1/groups", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_misspelt_parameter_is_refused_rather_than_ignored(company):
    answer = company.post("/v1/groups?dryrun=1", {"name": "VIP"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "?dryrun"


@pytest.mark.parametrize("wrong", ["x", "con_", "con_" + "G" * 32, "cmp_" + "0" * 32, "%00"])
def test_what_is_no_id_names_nothing(company, wrong):
    answer = company.http.delete(f"/v1/contacts/{wrong}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_one_companys_ids_are_nothing_to_another(site, company):
    """By a key; tests/test_openapi_documents.py asks all there is, as another company's owner."""
    group = company.post("/v1/groups", {"name": "VIP"}).json()["id"]
    own = {
        "contact_id": company.contact("+6281234567001"),
        "campaign_id": company.campaign(),
        "group_id": group,
        "account_id": company.account(),
    }
    before, stranger = company.facts(), site.workspace()
    asked = 0
    for command in COMMANDS:
        if not command.ids or command.ids.keys() - own.keys():
            continue
        body = {"at": "2090-01-01T00:00:00Z"} if command.path.endswith("schedule") else {}
        headers = {"If-Match": '"1"'} if command.match_required else {}
        content = {"json": body} if command.takes_body else {}
        random = {name: unknown(kind) for name, kind in command.ids.items()}
        answers = [
            stranger.http.request(
                command.method, command.path.format(**ids), headers=headers, **content
            )
            for ids in (own, random)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], command.path
        said = [answer.json()["detail"].split("_")[0] for answer in answers]
        assert said[0] == said[1]
        asked += 1
    assert asked >= 17
    assert company.facts() == before


def test_steering_campaigns_needs_a_permission_of_its_own(site):
    writer = site.workspace(scopes='["read","write"]')
    path = f"/v1/campaigns/{writer.campaign()}"
    for verb in ("launch", "pause", "resume", "cancel", "schedule"):
        answer = writer.post(f"{path}/{verb}", {})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    reader = site.workspace(scopes='["read"]')
    assert reader.post("/v1/groups", {"name": "VIP"}).status_code == 403
    assert reader.upload(b"phone\n").status_code == 403
