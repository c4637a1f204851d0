"""The frame of both APIs, with a handful of routes of its own."""

import asyncio
import logging
from uuid import UUID

import httpx2
import pydantic
import pytest
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from commands.store import StoreUnavailable, VersionConflict
from domain.access import FieldError, Principal, Problem, permissions_of
from domain.kernel import Rejected
from infra.http.app import build
from infra.http.openapi import operation
from tests.command_site import serving

SECRET = "SELECT phone FROM contacts"
RAISED = {
    "problem": Problem(409, "odd", "an odd thing", headers={"Retry-After": "3"}),
    "rejected": Rejected("wrong_state", "a draft cannot be paused"),
    "not_found": Rejected("not_found", "there is no campaign"),
    "unavailable": StoreUnavailable(SECRET),
    "gone": OperationalError(SECRET, {}, Exception("server has gone away")),
    "conflict": VersionConflict(),
    "http": HTTPException(418, "short and stout"),
    "bug": RuntimeError(SECRET),
}


class Pair(pydantic.BaseModel):
    a: int
    b: int


@operation("Raise", answer="never", tag="test")
async def raises(request: Request) -> Response:
    what = request.path_params["what"]
    if what == "validation":
        Pair.model_validate({"a": "x"})
    raise RAISED[what]


@operation("Begin to answer and fail", answer="half", tag="test")
async def fails_late(_: Request) -> Response:
    class Broken(Response):
        async def __call__(self, _scope, _receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise RuntimeError(SECRET)

    return Broken()


def of(endpoint, **marks):
    """An endpoint under its own marks; whoever may read contacts has it unless told."""

    async def answer(request: Request) -> Response:
        return await endpoint(request)

    answer.operation = {"summary": "x", "responses": {"200": {"description": "y"}}}
    for name, value in {"permission": "contacts.read", **marks}.items():
        setattr(answer, name, value)
    return answer


async def says_who(request: Request) -> Response:
    return PlainTextResponse(request.state.principal.actor, headers={"Cache-Control": "private"})


async def counts(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


PRINCIPAL = Principal(
    workspace_id=UUID(int=1),
    key_id=UUID(int=2),
    scopes=("read",),
    permissions=permissions_of(("read",)),
)
health = {"store": "ok", "kafka": True}


async def authenticate(token):
    if token == "down":
        raise StoreUnavailable
    return PRINCIPAL if token == "good" else None


async def ready():
    return health


def routes():
    return [
        Route("/raise/{what}", raises),
        Route("/late", fails_late),
        Route("/v1/things/{id}", of(says_who), methods=["GET"]),
        Route("/v1/things/{id}", of(counts, permission="contacts.write"), methods=["PATCH"]),
        Route("/v1/things/import", of(counts, body_limit=10), methods=["POST"]),
        Route("/v1/things", of(counts), methods=["POST"]),
        Route("/v1/things", of(says_who), methods=["GET"]),
    ]


@pytest.fixture(scope="module")
def url():
    with serving(build(routes(), authenticate, "Test", ready)) as address:
        yield address


@pytest.fixture
def http(url):
    with httpx2.Client(base_url=url, headers={"Authorization": "Bearer good"}) as client:
        yield client


def problem(answer, status, code):
    body = answer.json()
    assert answer.status_code == body["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body["code"] == code
    assert body["type"] == f"/problems/{code}"
    assert body["title"]
    assert body["request_id"] == answer.headers["Request-Id"]
    assert SECRET not in answer.text
    return body


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("problem", 409, "odd"),
        ("rejected", 409, "wrong_state"),
        ("not_found", 404, "not_found"),
        ("unavailable", 503, "unavailable"),
        ("gone", 503, "unavailable"),
        ("conflict", 409, "conflict"),
        ("http", 418, "http_418"),
        ("validation", 422, "invalid"),
    ],
)
def test_every_refusal_is_a_problem(http, what, status, code):
    answer = http.get(f"/raise/{what}")
    body = problem(answer, status, code)
    assert body["instance"] == f"/raise/{what}"
    if what in {"problem", "unavailable"}:
        assert answer.headers["Retry-After"]


def test_all_wrong_fields_are_in_one_problem(http):
    body = http.get("/raise/validation").json()
    assert [(e["pointer"], e["code"]) for e in body["errors"]] == [
        ("/a", "int_parsing"),
        ("/b", "required"),
    ]


def test_what_nobody_foresaw_tells_the_asker_an_id_and_the_log_the_rest(http, caplog):
    with caplog.at_level(logging.ERROR, "blazz.http"):
        answer = http.get("/raise/bug", headers={"Request-Id": "find-me"})
    body = problem(answer, 500, "internal_error")
    assert body["request_id"] == "find-me"
    assert set(body) == {"type", "title", "status", "detail", "instance", "code", "request_id"}
    assert any(getattr(r, "request_id", "") == "find-me" and r.exc_info for r in caplog.records)


def test_an_answer_that_fails_after_its_beginning_is_cut_off(http):
    with pytest.raises(httpx2.RemoteProtocolError):
        http.get("/late")


def test_unknown_paths_and_methods_are_problems_too(http):
    problem(http.get("/nowhere"), 404, "path_unknown")
    problem(http.get("/v1/things/"), 404, "path_unknown")
    answer = http.delete("/v1/things/7")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PATCH"
    problem(http.request("TRACE", "/v1/things"), 405, "method_not_allowed")


def test_a_fixed_path_wins_over_one_with_parameters(http):
    assert http.post("/v1/things/import", content=b"abc").text == "3"
    answer = http.get("/v1/things/import")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "OPTIONS, POST"


def test_options_and_head_answer_without_work(http):
    answer = http.options("/v1/things", headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    head = http.head("/v1/things")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("header", ["", "Bearer", "Basic Z29vZA==", "good", "Bearer bad", "bearer"])
def test_without_a_valid_key_nothing_is_answered(url, header):
    answer = httpx2.get(f"{url}/v1/things", headers={"Authorization": header})
    problem(answer, 401, "unauthorised")
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith("Bearer ")
    assert ("invalid_token" in challenge) == (header == "Bearer bad")


def test_the_key_is_asked_for_before_the_permission_and_the_body(url, http):
    large = b"x" * 300_000
    assert httpx2.post(f"{url}/v1/things", content=large).status_code == 401
    problem(http.patch("/v1/things/1", content=large), 403, "permission_missing")
    problem(http.post("/v1/things", content=large), 413, "body_too_large")


def test_keys_that_cannot_be_looked_up_are_a_503_not_a_401(url):
    answer = httpx2.get(f"{url}/v1/things", headers={"Authorization": "Bearer down"})
    problem(answer, 503, "unavailable")


def test_a_body_has_a_limit_announced_or_not(http):
    for content in (b"x" * 11, iter([b"x" * 6, b"x" * 6])):
        problem(http.post("/v1/things/import", content=content), 413, "body_too_large")
    assert http.post("/v1/things/import", content=b"x" * 10).text == "10"
    assert http.post("/v1/things", content=b"x" * 256 * 1024).text == "262144"


@pytest.mark.parametrize("given", ["a b", "x" * 129, "ü".encode(), "<script>", ""])
def test_a_request_id_that_is_none_is_replaced(http, given):
    answer = http.get("/v1/things", headers={"Request-Id": given})
    assert len(answer.headers["Request-Id"]) == 32
    other = http.get("/v1/things", headers={"Request-Id": given})
    assert other.headers["Request-Id"] != answer.headers["Request-Id"]


def test_a_proper_request_id_is_kept(http):
    assert (
        http.get("/nowhere", headers={"Request-Id": "a-1.b:2~"}).json()["request_id"] == "a-1.b:2~"
    )


def test_every_answer_carries_guarding_headers(http):
    for path in ("/v1/things", "/nowhere", "/raise/bug", "/openapi.json"):
        headers = http.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Server" not in headers
    assert http.get("/nowhere").headers["Cache-Control"] == "no-store"
    assert http.get("/v1/things").headers["Cache-Control"] == "private"


def test_health_needs_no_key_and_readiness_names_what_is_missing(url, monkeypatch):
    assert httpx2.get(f"{url}/-/healthy").json() == {"status": "ok"}
    fine = httpx2.get(f"{url}/-/ready")
    assert fine.json() == {"status": "ok", "checks": {"store": "ok", "kafka": "ok"}}
    monkeypatch.setitem(health, "kafka", "no broker at 127.0.0.1:9092")
    body = problem(httpx2.get(f"{url}/-/ready"), 503, "not_ready")
    assert body["errors"] == [
        {"pointer": "kafka", "code": "not_ready", "detail": "no broker at 127.0.0.1:9092"}
    ]
    assert httpx2.get(f"{url}/-/healthy").status_code == 200


def test_the_type_of_a_problem_leads_to_a_page(url):
    for code in ("invalid", "version_stale", "group_exists"):
        answer = httpx2.get(f"{url}/problems/{code}")
        assert (answer.status_code, answer.text.split()[0]) == (200, code)
    assert httpx2.get(f"{url}/problems/<b>").status_code == 404


def test_a_client_that_goes_away_is_no_error(url, caplog):
    host, port = url.removeprefix("http://").split(":")

    async def leave():
        _, writer = await asyncio.open_connection(host, int(port))
        head = "POST /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n"
        writer.write(f"{head}Content-Length: 10\r\n\r\nabc".encode())
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        await writer.wait_closed()

    asyncio.run(leave())
    assert httpx2.get(f"{url}/-/healthy").status_code == 200
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


def test_a_field_error_is_kept_as_it_was_given(http):
    RAISED["problem"].errors = (FieldError(pointer="?x", code="c", detail="d"),)
    body = http.get("/raise/problem").json()
    assert body["errors"] == [{"pointer": "?x", "code": "c", "detail": "d"}]
