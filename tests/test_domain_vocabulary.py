"""Ids, principals and problems; and that nothing in the rules looks at the world."""

import ast
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from domain import ids
from domain.access import FieldError, Principal, Problem
from domain.kernel import Rejected
from domain.refusals import not_found
from tests.examples import CAMPAIGN, CONTACT, KEY, OTHER_CONTACT, WORKSPACE

DOMAIN = Path(__file__).parents[1] / "domain"
OUTSIDE = {
    "asyncio",
    "http",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "zoneinfo",
}
CLOCKS_AND_DICE = {"now", "utcnow", "today", "uuid1", "uuid4", "uuid6", "uuid7"}
OUTSIDE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}


@pytest.mark.parametrize("path", sorted(DOMAIN.rglob("*.py")), ids=lambda path: path.stem)
def test_no_rule_has_a_clock_randomness_or_input(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not {name.name.split(".")[0] for name in node.names} & OUTSIDE
        elif isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] not in OUTSIDE
            assert not {name.name for name in node.names} & CLOCKS_AND_DICE
        elif isinstance(node, ast.Attribute):
            assert node.attr not in CLOCKS_AND_DICE
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in OUTSIDE_CALLS


@forall(st.sampled_from(sorted(ids.PREFIXES)), st.uuids())
def test_a_shown_id_is_read_back(kind, id_):
    shown = ids.show(kind, id_)
    assert ids.parse(kind, shown) == id_
    assert shown.startswith(f"{ids.PREFIXES[kind]}_")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cmp_",
        CAMPAIGN.hex,
        f"msg_{CAMPAIGN.hex}",
        f"cmp_{'A' * 32}",
        f"cmp_{'g' * 32}",
        f"cmp_+{'1' * 31}",
        f"cmp_{'1' * 8}-{'1' * 23}",
    ],
)
def test_what_is_not_an_id_of_that_kind_is_refused(text):
    with pytest.raises(ValueError, match="not a campaign id"):
        ids.parse("campaign", text)


def test_derived_ids_are_the_same_wherever_they_are_derived():
    assert ids.message_id(CAMPAIGN, CONTACT) == UUID("598cf9d7-59f1-5eb9-9504-bdf2561acc00")
    assert ids.identifier_id(WORKSPACE, "phone", "+6281234567890") == UUID(
        "6dfc4a53-78b1-5815-9a2d-37b62c70003c"
    )
    assert ids.name_id(WORKSPACE, "group", "vip") == UUID("3cf3a52e-602e-5ed5-94e9-2ff9886683b6")


def test_derived_ids_differ_with_what_they_are_derived_from():
    other = uuid4()
    derived = [
        ids.message_id(CAMPAIGN, CONTACT),
        ids.message_id(CAMPAIGN, OTHER_CONTACT),
        ids.message_id(other, CONTACT),
        ids.identifier_id(WORKSPACE, "phone", "+6281"),
        ids.identifier_id(WORKSPACE, "phone", "+6282"),
        ids.identifier_id(other, "phone", "+6281"),
        ids.name_id(WORKSPACE, "group", "vip"),
        ids.name_id(WORKSPACE, "group", "vips"),
        ids.name_id(other, "group", "vip"),
        ids.name_id(WORKSPACE, "template", "vip"),
    ]
    assert len(set(derived)) == len(derived)


def test_a_principal_is_named_by_its_key():
    holder = Principal(workspace_id=WORKSPACE, key_id=KEY, permissions=frozenset())
    assert holder.actor == f"key:{KEY.hex}"


def test_a_problem_carries_all_its_errors():
    error = FieldError(pointer="/name", code="missing", detail="name is missing")
    problem = Problem(422, "invalid", "1 value is wrong", errors=[error])
    assert (problem.status, problem.code, problem.detail) == (422, "invalid", "1 value is wrong")
    assert (problem.errors, problem.headers) == ((error,), {})
    assert Problem(429, "busy", "later", headers={"Retry-After": "1"}).headers == {
        "Retry-After": "1"
    }


def test_a_refusal_shows_ids_as_the_api_does():
    assert str(not_found("campaign", CAMPAIGN)) == f"there is no campaign cmp_{CAMPAIGN.hex}"
    refusal = not_found("identifier", CAMPAIGN)
    assert isinstance(refusal, Rejected)
    assert str(refusal) == f"there is no identifier {CAMPAIGN.hex}"
