import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.contact_csv import Row, columns, read_row
from commands.csv_text import RECORD_LIMIT, FileRefused, Record, Records

HEADER = "phone,first_name,email,groups,city"


def records(content, piece=5):
    """Fed in small pieces, because bytes arrive as they like."""
    reader, found = Records(), []
    for start in range(0, len(content), piece):
        found += reader.feed(content[start : start + piece])
    found += reader.feed(b"", last=True)
    return found, reader.refused


def rows(text, country="ID"):
    found, refused = records(text.encode())
    assert refused is None
    meant = columns(found[0])
    return [read_row(record, meant, country) for record in found[1:]]


def row(line, header=HEADER, country="ID"):
    (only,) = rows(f"{header}\n{line}\n", country)
    return only


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_splits_the_first_line(delimiter):
    found, _ = records(delimiter.join(["phone", "name"]).encode() + b"\n1" + delimiter.encode())
    assert [record.cells for record in found] == [["phone", "name"], ["1", ""]]


def test_a_delimiter_in_quotes_does_not_count():
    found, _ = records(b'"phone, of the person";name\n1;A\n')
    assert found[0].cells == ["phone, of the person", "name"]


def test_excels_own_first_line_names_the_delimiter():
    found, _ = records(b"sep=;\nphone;name, full\n1;A\n")
    assert [record.cells for record in found] == [["phone", "name, full"], ["1", "A"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_is_told_by_its_first_bytes(encoding):
    found, refused = records("phone,name\n1,Jürgen 😀\n".encode(encoding), piece=1)
    assert refused is None
    assert found[1].cells == ["1", "Jürgen 😀"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(end):
    found, _ = records(end.join(["phone,name", "1,A", "", "2,B"]).encode(), piece=1)
    assert [(record.line, record.cells[0]) for record in found] == [
        (1, "phone"),
        (2, "1"),
        (4, "2"),
    ]


def test_quotes_hold_delimiters_line_breaks_and_doubled_quotes():
    found, refused = records(b'phone,note\n1,"a, ""b""\r\nc"\n2,5" pipe\n3, "x"\n')
    assert refused is None
    assert found[1:] == [
        Record(2, ["1", 'a, "b"\nc']),
        Record(4, ["2", '5" pipe']),
        Record(5, ["3", "x"]),
    ]


def test_rows_without_any_text_are_no_rows():
    found, _ = records(b"\n  \nphone,name\n,\n  ,  \n1,A\n")
    assert [record.line for record in found] == [3, 6]


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"phone,name\n1,A\n2,M\xfcller\n3,C\n", "encoding", "line 3"),
        ("phone\n1\n".encode("utf-16-le"), "encoding", "line 1 holds binary data"),
        (b'phone,name\n1,A\n2,"B\n3,C\n', "quote_open", "line 3 is never closed"),
        (b'phone\n"' + b"1\n" * RECORD_LIMIT, "quote_open", "not closed within"),
        (b"phone\n" + b"1" * (RECORD_LIMIT + 9), "row_too_long", "line 2"),
    ],
)
def test_a_file_that_cannot_be_read_on_is_refused_after_its_good_rows(content, code, words):
    found, refused = records(content, piece=1000)
    assert refused.code == code
    assert words in str(refused)
    assert [record.line for record in found] == list(range(1, len(found) + 1))


def test_nothing_is_read_after_a_refusal():
    reader = Records()
    list(reader.feed(b"phone\n\x00\n", last=False))
    assert reader.refused
    assert list(reader.feed(b"1\n", last=True)) == []


@given(
    st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=3), min_size=1), st.integers(1, 9)
)
def test_whatever_a_program_writes_as_csv_is_read_back(table, piece):
    import csv
    import io

    out = io.StringIO(newline="")
    clean = [[c.replace("\0", "").replace("\r", "").lstrip(" ") for c in line] for line in table]
    try:
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["phone", "a", "b"], *clean])
        content = out.getvalue().encode()
    except UnicodeEncodeError:
        return
    found, refused = records(content, piece)
    assert refused is None
    assert [record.cells for record in found[1:]] == [
        line for line in clean if any(cell.strip() for cell in line)
    ]


@pytest.mark.parametrize(
    "name",
    ["phone", "Phone Number", "NO_HP", "No. HP", "telepon", "Nomor", "Handy", "Telefon", "mobile",
     "WhatsApp", "*phone:", "nomor-wa", " HP "],
)  # fmt: skip
def test_the_phone_column_has_many_names(name):
    assert columns(Record(1, [name]))[0].field == "phone"


def test_columns_are_understood_in_three_languages_and_others_are_attributes():
    names = ["Vorname", "Nama Belakang", "E-Mail", "Sprache", "Zona Waktu", "Grup", "hp", "Kota"]
    assert [column.field for column in columns(Record(1, names))] == [
        "first_name", "last_name", "email", "language", "time_zone", "groups", "phone", "attributes",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["name", "email"], "phone_column_missing"),
        (["phone", "telepon"], "column_repeated"),
        (["phone", "city", "city"], "column_repeated"),
        (["phone", "name", "vorname"], "column_repeated"),
        (["phone", "", "city"], "column_unnamed"),
        (["phone", "{city}"], "column_name_invalid"),
        (["phone", "x" * 65], "column_name_invalid"),
        (["phone", *(f"c{n}" for n in range(100))], "too_many_columns"),
    ],
)
def test_a_first_line_that_makes_no_sense_refuses_the_file(cells, code):
    with pytest.raises(FileRefused) as refused:
        columns(Record(1, cells))
    assert refused.value.code == code


def test_empty_columns_at_the_end_are_none():
    assert len(columns(Record(1, ["phone", "", " "]))) == 1


def test_a_row_says_what_its_cells_say():
    found = row("0812-3456-7890,Budi,b@x.id,VIP | Jakarta;vip2,Bogor")
    assert found == Row(
        2,
        "+6281234567890",
        {"first_name": "Budi", "email": "b@x.id"},
        {"city": "Bogor"},
        ("VIP", "Jakarta", "vip2"),
        "phone",
        "0812-3456-7890",
    )


def test_empty_and_missing_cells_say_nothing():
    assert row("081234567890, ,") == Row(2, "+6281234567890", {}, {}, (), "phone", "081234567890")


def test_a_whole_name_is_split_at_its_first_space():
    found = row("081234567890,Siti  Nur Haliza", "phone,nama")
    assert found.fields == {"first_name": "Siti", "last_name": "Nur Haliza"}
    assert row("081234567890,Siti", "phone,nama").fields["first_name"] == "Siti"


def test_a_line_break_stays_in_an_attribute_and_becomes_a_space_in_a_name():
    found = row('081234567890,"Siti\nNur","Jalan 1\nBogor"', "phone,first_name,address")
    assert found.fields == {"first_name": "Siti Nur"}
    assert found.attributes == {"address": "Jalan 1\nBogor"}


def test_text_is_composed():
    assert row("081234567890,Ju\u0308rgen").fields == {"first_name": "Jürgen"}


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        (",Budi", "phone", "phone_missing"),
        ("6.28E+12,Budi", "phone", "phone_scientific"),
        ("call me,Budi", "phone", "phone_characters"),
        ("123,Budi", "phone", "phone_invalid"),
        ("081234567890,Budi,not-mail", "email", "email_invalid"),
        (f"081234567890,{'x' * 129}", "first_name", "string_too_long"),
        ("081234567890,Bu\x07di", "first_name", "control_character"),
        (f"081234567890,,,,{'x' * 1025}", "city", "string_too_long"),
        (f"081234567890,,,{'g' * 129}", "groups", "string_too_long"),
        ("081234567890,,,,Bogor,more", "", "too_many_cells"),
    ],
)
def test_a_row_that_cannot_be_used_names_column_value_and_cause(line, column, code):
    found = row(line)
    assert (found.line, found.outcome, found.column, found.code) == (2, "invalid", column, code)
    assert found.reason
    assert len(found.value) <= 200


def test_a_wrong_part_of_a_whole_name_is_blamed_on_its_column():
    found = row(f"081234567890,Siti {'x' * 129}", "phone,nama lengkap")
    assert (found.column, found.code) == ("nama lengkap", "string_too_long")
