"""What the relay writes into headers the projector reads back; anything else is said to be bad."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wire import LogRecord
from infra.log.records import watermark_headers
from projections.entries import LogEntry
from projections.headers import entry_of
from tests.kafka_records import headers_of_record
from tests.tallies import START, created, record

GOOD = record(7, created(), version=3)
HEADERS = dict(headers_of_record(GOOD, 5, GOOD.workspace_id.hex.encode()))

facts = st.builds(
    LogRecord,
    st.integers(1, 2**62),
    st.uuids(),
    st.uuids(),
    st.integers(1, 2**31 - 1),
    st.text(min_size=1),
    st.integers(0, 10**16).map(lambda us: START + timedelta(microseconds=us)),
    st.binary(),
    st.binary(min_size=1),
)


@given(facts, st.integers(0, 2**62), st.integers(0, 2**62))
def test_a_record_comes_back_as_it_was(fact, previous, offset):
    headers = headers_of_record(fact, previous, fact.workspace_id.hex.encode())
    assert entry_of(offset, headers, fact.data) == LogEntry(fact, offset, fact.position, previous)


def test_a_watermark_has_a_place_and_no_record():
    headers = watermark_headers(40, 31, datetime(2025, 1, 1, tzinfo=UTC))
    assert entry_of(9, headers, b"{}") == LogEntry(None, 9, 40, 31)


def test_the_headers_are_those_of_cloudevents():
    assert HEADERS["content-type"] == b"application/json"
    assert HEADERS["ce_specversion"] == b"1.0"
    assert HEADERS["ce_source"] == b"/blazz"
    assert HEADERS["ce_id"] == HEADERS["ce_position"] == b"7"
    assert HEADERS["ce_prevposition"] == b"5"
    assert HEADERS["ce_type"] == b"GroupCreated"
    assert HEADERS["ce_subject"].decode() == GOOD.stream_id.hex
    assert HEADERS["ce_time"] == b"2025-01-01T00:00:00.007000Z"
    assert HEADERS["ce_metadata"] == b'{"actor":"tester"}'
    assert "traceparent" not in HEADERS


def test_a_trace_is_handed_on():
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    traced = GOOD._replace(metadata=b'{"traceparent":"%s"}' % parent.encode())
    assert dict(headers_of_record(traced, 5, b""))["traceparent"] == parent.encode()
    broken = GOOD._replace(metadata=b'{"traceparent":7}')
    assert "traceparent" not in dict(headers_of_record(broken, 5, b""))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("ce_position", None, "header ce_position is missing"),
        ("ce_position", b"-7", "header ce_position must be a whole number from 1, not b'-7'"),
        ("ce_position", b"0", "header ce_position must be a whole number from 1, not b'0'"),
        ("ce_position", b"9" * 30, "header ce_position must be a whole number"),
        ("ce_prevposition", b"x", "header ce_prevposition must be a whole number from 0"),
        ("ce_streamversion", b"", "header ce_streamversion must be a whole number from 1"),
        ("ce_workspaceid", b"abc", "header ce_workspaceid must be 32 hexadecimal digits"),
        ("ce_workspaceid", b"z" * 32, "header ce_workspaceid must be 32 hexadecimal digits"),
        ("ce_subject", b"\xff" * 32, "header ce_subject must be 32 hexadecimal digits"),
        ("ce_subject", None, "header ce_subject is missing"),
        ("ce_type", b"\xff", "header ce_type is not UTF-8"),
        ("ce_time", b"yesterday", "header ce_time must be an RFC 3339 instant"),
        ("ce_time", b"2025-01-01T00:00:00", "header ce_time must be an RFC 3339 instant"),
    ],
)
def test_a_header_that_is_wrong_is_named(name, content, complaint):
    headers = {**HEADERS, name: content}
    entry = entry_of(3, headers.items(), GOOD.data)
    assert entry.record is None
    assert entry.error.startswith(complaint)
    assert entry.position == (0 if name == "ce_position" else 7)


def test_a_record_without_a_value_is_bad():
    for nothing in (None, b""):
        assert entry_of(3, HEADERS.items(), nothing).error == "the record has no value"


def test_without_a_previous_position_the_chain_is_not_checked():
    headers = {name: value for name, value in HEADERS.items() if name != "ce_prevposition"}
    assert entry_of(3, headers.items(), GOOD.data) == LogEntry(GOOD, 3, 7, None)


@given(
    st.lists(st.tuples(st.sampled_from([*HEADERS, "x"]), st.none() | st.binary())),
    st.none() | st.binary(),
)
def test_nothing_in_a_record_can_make_reading_fail(headers, value):
    entry = entry_of(1, headers, value)
    assert entry.error or entry.record or entry.position


def test_a_workspace_is_a_uuid():
    assert entry_of(3, HEADERS.items(), GOOD.data).record.workspace_id == UUID(
        HEADERS["ce_workspaceid"].decode()
    )
