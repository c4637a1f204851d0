"""Requests that no document announces: each gets an answer its operation has, and never a 500."""

import re
from itertools import product

import httpx2
import jsonschema_rs
import pytest
from uuid_utils.compat import uuid7

from domain.ids import show
from tests.openapi_requests import read_requests
from tests.openapi_worlds import command_world, number, read_world

JSON = "application/json"
QUERIES = [
    *("%00", "%ED%A0%80", "%FF", "%F0%9F%98%80", "%20", "", "a%2Fb", "%5B%5D", "%27--", "%"),
    *("9" * 400, "-1", "0001000", "1e3", "1.0", "%D9%A3", "null", "true"),
]
PATHS = ["%00", "%ED%A0%80", "%FF", "%2F", "..%2F..", "%3F", "%23", "x" * 3000, "%25", "*", ";"]
HEADERS = [b"\xff", b"\xb2", b"", b"9" * 4000, b'"', b"*", b'W/"1"', b'"1", "2"', b"-1", b"=,;"]
BODIES = [
    *(b"", b" ", b"\x00", b"null", b"[]", b"{", b'"\\ud800"', b"[" * 3000, b"\xff\xfe{\x00}\x00"),
    *(b"\xef\xbb\xbf{}", b"NaN", b"1e999", b"9" * 5000, b'{"a":1,"a":2}', b'{"":null}'),
    *(b'{"name":"\\u0000"}', b'{"phone":9e99,"name":[],"at":0,"audience":1}', b'"\xff"'),
]
KINDS = [
    *(JSON, f"{JSON}; charset=utf-8", f"{JSON};charset=utf-16", f"{JSON}; charset", "text/json"),
    *("", "x", "*/*", "application/merge-patch+json", "multipart/form-data", "application/json,"),
]
FILES = [
    *(b"", b"\n", b"\x00", b"phone", b"phone\n", b'phone\n"', b"phone,phone\n1,2\n", b"\xff\xfe"),
    *("phone\n+628123\n".encode("utf-16"), b"\xff\xff\xff", b"," * 9000, b'"' * 9001),
    b"phone\n" + b"x" * 70_000 + b"\n",
]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    with (
        command_world(tmp_path_factory.mktemp("commands")) as commands,
        read_world(tmp_path_factory.mktemp("reads")) as reads,
    ):
        yield commands, reads


@pytest.fixture(params=[0, 1], ids=["commands", "reads"])
def asked(request, worlds):
    return Asked(worlds[request.param])


class Asked:
    """An API with its operations, to be asked in ways of one's own."""

    def __init__(self, world):
        self.world, self.document = world, world.document
        self.operations = [
            (method.upper(), path, described)
            for path, methods in self.document["paths"].items()
            for method, described in methods.items()
        ]
        problem = self.document["components"]["schemas"]["Problem"]
        self.problem = jsonschema_rs.Draft202012Validator(problem)

    def path(self, path):
        ids = {f"{kind}_id": ids[0] for kind, ids in self.world.ids.items()}
        return path.format(**ids, code="invalid")

    def __call__(self, operation, path, query="", **given):
        """Asks, and looks at the answer, which comes back."""
        method, _, described = operation
        url = f"{self.world.url}{path}{query}"
        answer = self.world.http.send(self.world.http.build_request(method, url, **given))
        documented = {int(status) for status in described["responses"]}
        assert answer.status_code in documented - {500, 503}, (method, url, given, answer.text)
        if answer.status_code >= 400:
            self.problem.validate(answer.json())
        return answer

    def usual(self, operation, content=None):
        """The headers with which a request gets to where its body or its query is read."""
        needed = [p["name"] for p in operation[2]["parameters"] if p.get("required")]
        headers = {"If-Match": '"1"', "Idempotency-Key": str(number((operation[1], content)))}
        return {name: value for name, value in headers.items() if name in needed}

    def parameters(self, where):
        for operation in self.operations:
            for parameter in operation[2]["parameters"]:
                if parameter["in"] == where:
                    yield operation, parameter["name"]


def test_odd_values_of_parameters(asked):
    for (operation, name), value in product(asked.parameters("query"), QUERIES):
        asked(operation, asked.path(operation[1]), f"?{name}={value}")
    for (operation, name), value in product(asked.parameters("path"), PATHS):
        path = asked.path(operation[1].replace(f"{{{name}}}", "\0")).replace("\0", value)
        if "404" in operation[2]["responses"]:
            answer = asked.world.http.request(operation[0], path)
            assert answer.status_code in (404, 405, 428), (path, answer.text)


def test_odd_values_of_headers(asked):
    for (operation, name), value in product(asked.parameters("header"), HEADERS):
        headers = [(name.encode(), value)]
        asked(operation, asked.path(operation[1]), headers=headers)
        asked(operation, asked.path(operation[1]), headers=headers * 2)
    for name, value in product((b"Authorization", b"Request-Id", b"Host"), HEADERS):
        answer = httpx2.get(f"{asked.world.url}/v1/contacts?limit=1", headers=[(name, value)])
        assert answer.status_code in (400, 401, 405), (name, value)


def test_a_parameter_nobody_reads_or_given_twice_is_refused(asked):
    """A misspelt filter must not answer everything."""
    for operation in asked.operations:
        if not operation[2]["security"]:
            continue
        path, headers = asked.path(operation[1]), asked.usual(operation)
        names = [p["name"] for p in operation[2]["parameters"] if p["in"] == "query"]
        queries = ["?nobody=1", *(f"?{name}=1&{name}=1" for name in names)]
        for query in queries:
            answer = asked(operation, path, query, headers=headers)
            assert answer.status_code == 422, (path, query)
            assert "?" + query[1:].split("=")[0] in {e["pointer"] for e in answer.json()["errors"]}


def test_odd_bodies(worlds):
    asked = Asked(worlds[0])
    for operation in asked.operations:
        media = operation[2].get("requestBody", {}).get("content", {})
        if JSON in media:
            for content, kind in product(BODIES, KINDS[:2]):
                headers = {**asked.usual(operation, content), "Content-Type": kind}
                answer = asked(
                    operation, asked.path(operation[1]), content=content, headers=headers
                )
                assert answer.status_code >= 400 or content.strip() in (b"", b"{}")
        for kind in KINDS if media else ():
            headers = {**asked.usual(operation, kind), "Content-Type": kind}
            asked(operation, asked.path(operation[1]), content=b"{}", headers=headers)


def test_odd_files(worlds):
    asked = Asked(worlds[0])
    operation = next(found for found in asked.operations if found[1] == "/v1/contacts/import")
    for content, kind in product(FILES, ("text/csv", "text/csv; charset=utf-16", "text/CSV;x=y")):
        headers = {**asked.usual(operation, content + kind.encode()), "Content-Type": kind}
        asked(operation, operation[1], content=content, headers=headers)


def test_head_says_what_get_says_without_a_body(worlds):
    asked = Asked(worlds[1])
    requests, http = read_requests(asked.world), asked.world.http
    for method, path, _ in asked.operations:
        if method != "GET" or path == "/v1/stream":
            continue
        url, query = asked.path(path), requests[f"GET {path}"].get("query", {})
        get, head = http.get(url, params=query), http.head(url, params=query)
        assert (head.status_code, head.content) == (200, b"")
        names = {"Content-Type", "ETag", "Blazz-Position", "Cache-Control", "Content-Length"}
        if path == "/-/metrics":  # its numbers move from one request to the next
            names.remove("Content-Length")
        for name in names:
            assert head.headers.get(name) == get.headers.get(name), (url, name)


def test_a_tag_is_known_again_in_whatever_company(worlds):
    http = worlds[1].http
    tag = http.get("/v1/contacts").headers["ETag"]
    for given in ([tag], [f'"x", {tag} , W/"y"'], ['"x"', tag]):
        headers = [("If-None-Match", value) for value in given]
        answer = http.get("/v1/contacts", headers=headers)
        assert (answer.status_code, answer.headers["ETag"]) == (304, tag)
    for given in (tag[:-1], re.sub(r"\d+", "0", tag), '"', ""):
        assert http.get("/v1/contacts", headers={"If-None-Match": given}).status_code == 200


def test_a_filter_by_the_group_of_others_finds_what_one_by_no_group_finds(worlds):
    _, world = worlds
    for group in (world.ids["group"][0], show("group", uuid7())):
        answer = world.stranger.get("/v1/contacts", params={"group": group})
        assert (answer.status_code, answer.json()["items"]) == (200, [])
