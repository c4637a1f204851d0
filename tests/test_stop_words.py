"""Words with which customers end what they are sent, in the languages they say them in."""

from itertools import combinations

import pytest

from domain.stop_words import WORDS, wish


@pytest.mark.parametrize("language", WORDS)
def test_every_language_has_words_to_stop_and_to_start_again(language):
    words = WORDS[language]
    for listed, stop, answer in (
        (words.stop, True, words.stopped),
        (words.start, False, words.started),
    ):
        for word in listed.split("|"):
            for said in (word, f" {word.upper()} ", f"«{word}»!!!", f"{word}.\n"):
                assert wish(said) == (stop, word.strip(), answer), said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?!",
        "please do not stop",
        "stop by tomorrow",
        "STOP " * 50,
        "cancel",
        "end",
        "Startseite",
        "s t o p",
        "👍",
    ],
)
def test_a_message_that_says_more_or_something_else_is_no_wish(text):
    assert wish(text) is None


def test_wide_letters_accents_and_invisible_marks_do_not_hide_a_wish():
    for said in (
        "\uff33\uff34\uff2f\uff30",
        "arre\u0302t",
        "\u200fتوقف\u200f",
        "stop 🛑",
        "*STOP*",
    ):
        assert wish(said).stop, said


def test_no_word_means_two_things():
    said = {
        language: {word.strip() for listed in words[:2] for word in listed.split("|")}
        for language, words in WORDS.items()
    }
    for one, other in combinations(said, 2):
        assert not said[one] & said[other], (one, other)
