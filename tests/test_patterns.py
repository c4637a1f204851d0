"""No pattern of a rule can be slow: those that would be elsewhere are read in no time or refused."""

import time

import pytest

from commands.patterns import check_pattern, search
from domain.kernel import Rejected

LONGEST = 4096


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(a+)+$",
        r"^(a|aa)+$",
        r"(.*a){20}b",
        r"(x+x+)+y",
        r"a*a*a*a*a*a*a*a*b",
        r"(a|b)*a(a|b){60}c",
        r"([a-z]+)*\d",
    ],
)
def test_a_catastrophic_pattern_is_searched_in_time_that_grows_with_the_text(pattern):
    check_pattern(pattern)
    began = time.process_time()
    search(pattern, "a" * (LONGEST - 1) + "!")
    assert time.process_time() - began < 1, "a backtracking engine takes longer than anybody lives"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(a)\1", "invalid escape"),
        (r"(?=a)b", "invalid perl operator"),
        (r"(?<!a)b", "invalid"),
        (r"((a{100}){100}){100}", "invalid repetition size"),
        (r"(", "missing"),
        (r"[z-a]", "range"),
        (r"(\pL{200}\pN{200}){2}", "too large"),
    ],
)
def test_what_the_engine_cannot_bound_is_refused_with_what_is_wrong(pattern, why):
    with pytest.raises(Rejected, match=why) as refused:
        check_pattern(pattern)
    assert refused.value.code == "invalid_pattern"
    assert "RE2" in str(refused.value)
    assert not search(pattern, "a")
