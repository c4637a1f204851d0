"""To an agent, what belongs to a number that is not shared with them is as if it never was: asked of
every operation that the documents have.
"""

import re
from itertools import product

import pytest
from uuid_utils.compat import uuid7

from domain.access import ROLES
from domain.ids import PREFIXES, show
from tests.two_numbers import HIDDEN, two_numbers

OF_A_NUMBER = {"conversation", "message", "note", "file", "call"}
KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
TELLING = {"date", "request-id"}
CHAT = "/v1/conversations/{conversation_id}"


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    with two_numbers(tmp_path_factory.mktemp("numbers")) as running:
        yield running


def bodies(side, everybodys):
    """What an operation needs in its body, of that side."""
    heard = side.own["message"][0]
    return {
        f"PATCH {CHAT}": {"priority": "high"},
        f"POST {CHAT}/messages": {"text": "Yes"},
        f"POST {CHAT}/notes": {"text": "Rings twice"},
        f"POST {CHAT}/snooze": {"until": "2090-01-01T00:00:00Z"},
        f"POST {CHAT}/suggestions": {"kind": "draft", "message_id": heard},
        "POST /v1/conversations": {
            "contact_id": side.contact,
            "account_id": side.account,
            "template_id": everybodys["template"][0],
            "variables": {"1": "Ana"},
        },
    }


QUERIES = {
    f"GET {CHAT}/transcript": {"format": "ndjson"},
    "GET /v1/messages/search": {"q": HIDDEN},
}
IN_BODIES = {
    (f"POST {CHAT}/messages", "answers"): {},
    (f"POST {CHAT}/messages", "file_id"): {"text": None, "kind": "image"},
    (f"POST {CHAT}/suggestions", "message_id"): {},
    ("POST /v1/conversations", "account_id"): {},
}
"""Fields that name what belongs to a number, and what else is said with it (None: nothing)."""


def agents(numbers):
    """The operations that agents may ask for, by label."""
    for path, methods in numbers.document["paths"].items():
        for method, described in methods.items():
            needed = {
                name for way in described["security"] for names in way.values() for name in names
            }
            if needed and needed <= ROLES["agent"] and "stream" not in path:
                yield f"{method.upper()} {path}", path, described


def asked(client, label, path, described, body, query=None):
    """The answer to one request, which is not the same as any before."""
    headers = {"Idempotency-Key": uuid7().hex} if label.startswith("POST") else {}
    given = {"params": query or QUERIES.get(label)}
    if "requestBody" in described:
        given["json"] = body
    return client.request(label.partition(" ")[0], path, headers=headers, **given)


def told(answer):
    """All of an answer but the ids in it and the time."""
    headers = {name: answer.headers[name] for name in answer.headers if name not in TELLING}
    return answer.status_code, re.sub(r"[0-9a-f]{32}", "-", answer.text), sorted(headers.items())


def kinds_in(path):
    return re.findall(r"{(\w+)_id}", path)


def with_ids(path, ids):
    for kind, id_ in zip(kinds_in(path), ids, strict=True):
        path = path.replace(f"{{{kind}_id}}", id_)
    return path


def of_numbers(numbers):
    return [one for one in agents(numbers) if OF_A_NUMBER & set(kinds_in(one[1]))]


def test_whatever_is_asked_of_it_by_its_id_is_not_there(numbers):
    seen, wrong, (shown, hidden) = 0, [], (numbers.shown, numbers.hidden)
    for label, path, described in of_numbers(numbers):
        kinds = kinds_in(path)
        nobodys = with_ids(path, [show(kind, uuid7()) for kind in kinds])
        ours = set(product(*(shown.own[kind] for kind in kinds)))
        both = product(*(shown.own[kind] + hidden.own[kind] for kind in kinds))
        for ids in set(both) - ours:
            theirs = ids[0] in hidden.own[kinds[0]]
            body = bodies(hidden if theirs else shown, numbers.everybodys).get(label, {})
            never, there = (
                asked(numbers.agent, label, one, described, body)
                for one in (nobodys, with_ids(path, ids))
            )
            seen += 1
            if there.status_code != 404 or (theirs and told(there) != told(never)):
                wrong.append(f"{label} {ids}: {there.status_code} {there.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert seen > 25


def test_what_belongs_to_a_number_that_is_shared_is_there(numbers):
    """Else the test before would pass without anything having been asked."""
    body = bodies(numbers.shown, numbers.everybodys)
    for label, path, described in of_numbers(numbers):
        answers = [
            asked(numbers.agent, label, with_ids(path, ids), described, body.get(label, {}))
            for ids in product(*(numbers.shown.own[kind] for kind in kinds_in(path)))
        ]
        there = {answer.status_code for answer in answers} - {404}
        assert there, label
        assert not there & {400, 401, 403, 415, 422, 428}, (label, answers[0].text)


def fields(document, described):
    """Each field of a body that is an id, and of which kind."""
    for media in described.get("requestBody", {}).get("content", {}).values():
        name = media["schema"].get("$ref", "").rpartition("/")[2]
        schema = document["components"]["schemas"].get(name, media["schema"])
        for field, about in schema.get("properties", {}).items():
            for prefix in re.findall(r"\^(\w{3})_\[0-9a-f\]", str(about)):
                yield field, KINDS[prefix]


def test_an_id_in_a_body_is_refused_like_one_that_never_was(numbers):
    found = {
        (label, field): (path, described, kind)
        for label, path, described in agents(numbers)
        for field, kind in fields(numbers.document, described)
        if kind in OF_A_NUMBER | {"account"}
    }
    assert found.keys() == IN_BODIES.keys()
    for (label, field), (path, described, kind) in found.items():
        plain = bodies(numbers.shown, numbers.everybodys)[label] | IN_BODIES[label, field]
        plain = {name: value for name, value in plain.items() if value is not None}
        here = with_ids(path, [numbers.shown.own[one][0] for one in kinds_in(path)])
        own, others = (
            [side.account] if kind == "account" else side.own[kind]
            for side in (numbers.shown, numbers.hidden)
        )
        answers = [
            asked(numbers.agent, label, here, described, plain | {field: id_})
            for id_ in (show(kind, uuid7()), *others)
        ]
        if kind == "account":  # which numbers there are, agents may know
            assert [one.status_code for one in answers] == [422, 404]
        else:
            assert {one.status_code // 100 for one in answers} == {4}, label
            assert len({told(one)[:2] for one in answers}) == 1, (label, field)
        mine = [asked(numbers.agent, label, here, described, plain | {field: id_}) for id_ in own]
        assert {one.status_code for one in mine} - {400, 404, 422}, (label, mine[0].text)


def test_a_query_that_names_it_finds_nothing(numbers):
    seen = 0
    for label, path, described in agents(numbers):
        here = with_ids(path, [numbers.shown.own.get(kind, [""])[0] for kind in kinds_in(path)])
        for parameter in described["parameters"]:
            prefix = re.fullmatch(r"\^(\w{3})_\[0-9a-f\].*", parameter["schema"].get("pattern", ""))
            kind = KINDS[prefix[1]] if prefix and parameter["in"] == "query" else ""
            if kind not in OF_A_NUMBER | {"account"}:
                continue
            others = [numbers.hidden.account] if kind == "account" else numbers.hidden.own[kind]
            never, *theirs = (
                asked(numbers.agent, label, here, described, None, {parameter["name"]: id_})
                for id_ in (show(kind, uuid7()), *others)
            )
            assert {told(one)[:2] for one in theirs} == {told(never)[:2]}, (label, kind)
            assert never.status_code >= 400 or never.json()["items"] == [], label
            seen += 1
    assert seen == 3


def test_no_answer_tells_anything_of_it(numbers):
    """The owner, asking the same, is told."""
    known = {**numbers.everybodys, **numbers.shown.own}
    secrets = [HIDDEN, *(id_ for some in numbers.hidden.own.values() for id_ in some)]
    telling = set()
    for label, path, described in agents(numbers):
        if not label.startswith("GET"):
            continue
        for ids in product(*(known.get(kind, [""]) for kind in kinds_in(path))):
            to_agent, to_owner = (
                asked(client, label, with_ids(path, ids), described, None)
                for client in (numbers.agent, numbers.owner)
            )
            assert to_agent.status_code == to_owner.status_code, (label, ids)
            assert not [one for one in secrets if one in to_agent.text], (label, ids)
            if any(one in to_owner.text for one in secrets):
                telling.add(path)
    assert telling == {
        "/v1/calls",
        "/v1/contacts/{contact_id}/conversations",
        "/v1/contacts/{contact_id}/timeline",
        "/v1/conversations",
        "/v1/messages/search",
        "/v1/rules/{rule_id}/dry-run",
    }
