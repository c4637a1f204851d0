import phonenumbers
import pytest

from commands.phones import PhoneRefused, normalise

INDONESIAN, GERMAN = "+6281234567890", "+491701234567"


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+6281234567890", "DE", INDONESIAN),
        ("081234567890", "ID", INDONESIAN),
        ("0812-3456-7890", "ID", INDONESIAN),
        ("(0812) 3456.7890", "ID", INDONESIAN),
        ("6281234567890", "ID", INDONESIAN),
        ("'081234567890", "ID", INDONESIAN),
        ("\u2019081234567890", "ID", INDONESIAN),
        ("006281234567890", "DE", INDONESIAN),
        ("0116281234567890", "US", INDONESIAN),
        ("\u202a+62\u00a0812\u20113456\u20117890\u202c", "ID", INDONESIAN),
        ("٠٨١٢٣٤٥٦٧٨٩٠", "ID", INDONESIAN),
        ("0170/1234567", "DE", GERMAN),
        ("+49 (0) 170 1234567", "ID", GERMAN),
        ("491701234567", "ID", GERMAN),
        ("0049 170 1234567", "ID", GERMAN),
    ],
)
def test_a_number_is_understood_however_it_is_written(text, country, number):
    assert normalise(text, country) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "phone_missing"),
        (" \u200e ", "phone_missing"),
        ("1" * 41, "phone_too_long"),
        ("6.28E+12", "phone_scientific"),
        ("6,28123e12", "phone_scientific"),
        ("call 0812", "phone_characters"),
        ("081234567890 ext 5", "phone_characters"),
        ("++6281234567890", "phone_characters"),
        ("0812\x0034567890", "phone_characters"),
        ("123", "phone_invalid"),
        ("+999123456789", "phone_invalid"),
        ("+62", "phone_invalid"),
    ],
)
def test_what_is_no_number_is_refused_with_its_cause(text, code):
    with pytest.raises(PhoneRefused) as refused:
        normalise(text, "ID")
    assert refused.value.code == code
    assert str(refused.value)


def test_a_number_that_stands_there_in_full_is_read_as_one_that_must_be_taken_apart():
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        code = str(phonenumbers.country_code_for_region(country))
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            example = phonenumbers.example_number_for_type(country, kind)
            if example is None:
                continue
            national = phonenumbers.national_significant_number(example)
            for digits in (national, f"0{national}", f"1{national}", f"8{national}"):
                whole, apart = f"+{code}{digits}", f"+{code} {digits}"
                assert read(whole, "ID") == read(apart, "ID"), (country, whole)


def read(text, country):
    try:
        return normalise(text, country)
    except PhoneRefused as refused:
        return refused.code
