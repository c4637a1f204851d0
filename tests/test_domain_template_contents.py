"""What a template may contain, and which variables it has."""

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.template import fill, placeholders, template
from tests.examples import submission, submitted
from tests.spec import given


@pytest.mark.parametrize(
    ("wrong", "code", "word"),
    [
        ({"name": "Spring"}, "invalid_name", "'Spring'"),
        ({"name": ""}, "invalid_name", "1 to 512"),
        ({"name": "n" * 513}, "invalid_name", "small letters"),
        ({"name": "sale\n"}, "invalid_name", "\\n"),
        ({"language": "indonesian"}, "invalid_language", "pt_BR"),
        ({"language": "id-ID"}, "invalid_language", "'id-ID'"),
        ({"body": " "}, "invalid_body", "not blank"),
        ({"body": "b" * 1025}, "invalid_body", "1025"),
        ({"footer": "f" * 61}, "invalid_footer", "60"),
        ({"footer": "{{1}}"}, "invalid_footer", "no variables"),
        ({"header": "Hi"}, "invalid_header", "header_kind"),
        ({"header_kind": "video", "takes_links": False}, "link_not_taken", "file in its header"),
        ({"header_kind": "text"}, "invalid_header", "not blank"),
        ({"header_kind": "text", "header": "h" * 61}, "invalid_header", "60"),
        ({"header_kind": "text", "header": "{{1}}{{2}}"}, "invalid_header", "one variable"),
        ({"buttons": ("Ya", "Ya")}, "invalid_buttons", "'Ya', 'Ya'"),
        ({"buttons": (" ",)}, "invalid_buttons", "1 to 25"),
        ({"buttons": ("b" * 26,)}, "invalid_buttons", "25"),
        ({"buttons": tuple("abcdefghijk")}, "invalid_buttons", "at most 10"),
        ({"body": "{{1}} {{name}}"}, "template_variables_mixed", "1, name"),
        ({"body": "{{1}} {{3}}"}, "template_variables_not_contiguous", "1, 3"),
        ({"body": "{{2}}"}, "template_variables_not_contiguous", "these are 2"),
        ({"body": "{{0}}"}, "template_variables_invalid", "{{0}}"),
        ({"body": "{{}}"}, "template_variables_invalid", "{{}}"),
        ({"body": "{{First}}"}, "template_variables_invalid", "{{First}}"),
        ({"body": "{{²}}"}, "template_variables_invalid", "{{²}}"),
        ({"body": "{{1}} {{2"}, "template_variables_invalid", "{{ without"),
        ({"body": "1}}"}, "template_variables_invalid", "}} without"),
        (
            {"header_kind": "text", "header": "Hai {{nama}}", "body": "{{1}}"},
            "template_variables_mixed",
            "nama, 1",
        ),
        (
            {"header_kind": "text", "header": "{{2}}", "body": "{{1}} {{2}}"},
            "template_variables_not_contiguous",
            "header",
        ),
    ],
)
def test_a_template_the_provider_would_refuse_is_refused_at_once(wrong, code, word):
    given(template).when(replace(submission, **wrong)).refused(code, word)


@pytest.mark.parametrize(
    ("parts", "variables"),
    [
        ({"body": "Halo"}, ()),
        ({"body": "{{2}} {{1}} {{2}}"}, ("2", "1")),
        ({"body": "{{ first_name }}, {{kota}}"}, ("first_name", "kota")),
        ({"header_kind": "text", "header": "Hai {{1}}", "body": "{{1}} {{2}}"}, ("1", "2")),
        ({"header_kind": "image", "header": "https://a.test/{{x.png", "body": "b"}, ()),
        ({"header_kind": "video", "body": "{{1}}"}, ("1",)),
        ({"body": "{1} }"}, ()),
        ({"body": "b" * 1024, "footer": "f" * 60, "buttons": tuple("abcdefghij")}, ()),
        ({"name": "n" * 512, "language": "fil", "body": "b"}, ()),
    ],
)
def test_variables_are_found_in_a_text_header_and_the_body(parts, variables):
    asked = replace(submission, **parts)
    given(template).when(asked).then(replace(submitted, **parts, variables=variables))


def test_filling_in_leaves_nothing_but_what_has_no_value():
    text = "{{1}} and {{ 2 }}, {{1}}; {{3}}"
    assert fill(text, {"1": "{{2}}", "2": "b"}) == "{{2}} and b, {{2}}; {{3}}"


@forall(st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), unique=True))
def test_every_placeholder_is_found_once_and_filled(names):
    text = " ".join(f"{{{{{name}}}}}" for name in names + names)
    assert placeholders(text) == tuple(names)
    assert fill(text, dict.fromkeys(names, "v")) == " ".join("v" for _ in names + names)
