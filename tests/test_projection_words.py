"""The words a contact is found by, in the scripts that people's names are written in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contact import Profile
from projections.words import MAX_LENGTH, MAX_WORDS, STEM, bits_of, fold, terms, words


def found_by(**fields):
    return words(Profile(**{"phone": "", **fields}))


def test_a_contact_is_found_by_phone_digits_names_and_email():
    profile = Profile(
        phone="+6281234567890",
        first_name="Dewi Ayu",
        last_name="Lestari",
        email="Dewi.Lestari@Toko.co.id",
    )
    assert words(profile) == {
        "6281234567890",
        "81234567890",
        "081234567890",
        "dewi",
        "ayu",
        "lestari",
        "@dewi.lestari@toko.co.id",
        "toko",
        "co",
        "id",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nur'aini Siti-Rahma", {"nur", "aini", "siti", "rahma"}),
        ("Jörg Weiß", {"jorg", "weiss"}),
        ("ÀNGELA ŞAHİN", {"angela", "sahin"}),
        ("مُحَمَّد الأمين", {"محمد", "الامين"}),
        ("محـــمد", {"محمد"}),
        ("Дмитрий", {"дмитрии"}),
        ("शर्मा", {"शर्मा"}),
        ("ガオ 李小龍", {"ガオ", "李小龍"}),
        ("김철수", {"김철수"}),
        ("  …  ", set()),
    ],
)
def test_names_of_any_script_fold_to_words_without_accents(name, expected):
    assert found_by(first_name=name) == expected


@pytest.mark.parametrize("text", ["Weiß", "مُحَمَّد", "İstanbul", "Dewi", "Ǆ", "ﬁ"])
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


WORD = st.text(min_size=1, max_size=9)


@given(st.lists(WORD, min_size=1), st.data())
def test_words_have_all_bits_of_whatever_one_of_them_begins_with(its, data):
    term = data.draw(st.sampled_from(its))
    term = term[: data.draw(st.integers(1, len(term)))]
    assert bits_of(its) & bits_of([term]) == bits_of([term])
    assert 0 <= bits_of(its) < 2**63
    assert bool(bits_of([term])) == (len(term) >= STEM)


def test_a_word_that_is_not_among_them_is_seldom_taken_for_one():
    text, others = (
        bits_of(["where", "is", "my", "order", "please"]),
        [f"{n:03}" for n in range(500)],
    )
    taken = sum(text & bits_of([other]) == bits_of([other]) for other in others)
    assert taken < len(others) / 20


def test_what_is_typed_meets_what_is_stored():
    stored = found_by(phone="+62812345", first_name="Jörg", email="jw@mail.example")
    for typed in ["JÖRG", "jorg", "+62 812", "62-8123", "JW@Mail", "mail.example jörg"]:
        assert terms(typed)
        for term in terms(typed):
            assert any(word.startswith(term) for word in stored), (typed, term)


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+14155550100", {"14155550100", "4155550100", "04155550100"}),
        ("+390612345678", {"390612345678", "0612345678", "00612345678"}),
        ("+966501234567", {"966501234567", "501234567", "0501234567"}),
        ("+888", {"888"}),
        ("+9991", {"9991"}),
    ],
)
def test_a_phone_number_is_found_as_it_is_written_in_its_country(phone, expected):
    assert found_by(phone=phone) == expected


@pytest.mark.parametrize(
    "typed",
    ["0812 3456 7890", "081234567890", "812345678", "0062 812-3456", "+62 812", "(0812) 34"],
)
def test_a_number_is_met_however_it_is_typed(typed):
    (term,) = terms(typed)
    assert any(word.startswith(term) for word in found_by(phone="+6281234567890"))


def test_two_zeros_alone_are_looked_up_as_typed():
    assert terms("00") == ["00"]


def test_digits_of_other_scripts_are_digits():
    assert terms("\u0661\u0662\u0663") == ["123"]


def test_nothing_typed_is_nothing_to_look_up():
    assert terms("") == terms("  - ") == []


def test_words_and_their_number_are_bounded():
    profile = Profile(
        phone="+62812345", first_name="x" * 500, last_name=" ".join(f"w{n}" for n in range(500))
    )
    assert len(words(profile)) == MAX_WORDS
    assert max(map(len, words(profile))) == MAX_LENGTH
    assert "62812345" in words(profile)
