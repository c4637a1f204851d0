"""Log lines: whose they are, what they are about, and what never stands in them."""

import json
import logging
import threading
from contextlib import contextmanager

import pytest
import structlog

from infra.redaction import Redaction
from infra.telemetry import set_up
from tests.command_site import command_site
from tests.simulators import until

SECRET = "a-secret-nobody-reads"


@contextmanager
def speaking(style, capsys):
    """Logging as a service has it; gives the list that its lines come into."""
    root, said = logging.getLogger(), []
    handlers, level = root.handlers[:], root.level
    set_up(style, "info", "sender", [SECRET])
    try:
        yield said
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()
        said += capsys.readouterr().err.splitlines()


def failing():
    raise ValueError(f"no contact +6281234000001 for {SECRET}")


def test_a_line_says_service_thread_and_what_it_is_about(capsys):
    log = logging.getLogger("blazz.test")
    with speaking("json", capsys) as lines:
        with structlog.contextvars.bound_contextvars(request_id="r1", workspace="w1"):
            log.info("done in %d steps", 3, extra={"position": 42})
        thread = threading.Thread(target=log.warning, args=("beside",), name="policy-inbox")
        thread.start()
        thread.join()
        structlog.get_logger("blazz.ours").info("ours", position=7)
    first, second, third = map(json.loads, lines)
    assert first["event"] == "done in 3 steps"
    assert (first["request_id"], first["workspace"], first["position"]) == ("r1", "w1", 42)
    assert (first["service"], first["level"], first["logger"]) == ("sender", "info", "blazz.test")
    assert "thread" not in first
    assert (second["thread"], second["service"]) == ("policy-inbox", "sender")
    assert "request_id" not in second
    assert (third["position"], third["service"]) == (7, "sender")


def test_a_command_leaves_a_line_with_the_position_of_what_was_stored(tmp_path, capsys):
    with command_site(tmp_path) as site:
        company, path = site.workspace(), "/v1/groups"
        with speaking("json", capsys) as lines:
            stored = company.post(path, {"name": "VIP"}, Request_Id="find-me").json()

            def about_it():
                lines.extend(capsys.readouterr().err.splitlines())
                return [line for line in map(json.loads, lines) if line["event"] == "request"]

            [line] = until(about_it, "the line")
    assert line["position"] == stored["position"] == site.store.head()
    assert (line["request_id"], line["workspace"]) == ("find-me", str(company.workspace_id))
    assert (line["method"], line["route"], line["status"]) == ("POST", path, 201)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("sent to +6281234000001", "sent to <number>"),
        ("to 6281234000001 again", "to <number> again"),
        ("+62 812 3400 0012 is taken", "<number> is taken"),
        ("x [SQL: INSERT] [parameters: {'to': 'Ana'}]", "x [SQL: INSERT] [parameters: ...]"),
        ("Duplicate entry 'Ana-1' for key 'a.b'", "Duplicate entry '...' for key 'a.b'"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ..."),
        ("key blz_0a1b2c_3d", "key blz_..."),
        ("at mysql+pymysql://root:pass@db/x", "at mysql+pymysql://root:...@db/x"),
        ("ana@example.com wrote", "...@... wrote"),
        (f"signed with {SECRET}!", "signed with ...!"),
        # what operators need stays
        ("position 1234567 of 89", "position 1234567 of 89"),
        ("019a9f3e-1111-7222-8333-123456789012", "019a9f3e-1111-7222-8333-123456789012"),
        ("at 127.0.0.1:24190", "at 127.0.0.1:24190"),
        ("number 106540352242922", "number <number>"),
    ],
)
def test_personal_data_and_secrets_are_masked(said, told):
    assert Redaction([SECRET]).masked(said) == told


def test_nothing_of_a_line_escapes_the_masking(capsys):
    with speaking("json", capsys) as lines:
        try:
            failing()
        except ValueError as error:
            logging.getLogger("blazz.test").exception("for %s", SECRET, extra={"why": str(error)})
    line = json.loads(lines[0])
    assert line["event"] == "for ..."
    assert line["why"] == "no contact <number> for ..."
    assert "no contact <number> for ..." in line["exception"]


def test_on_a_terminal_lines_are_for_people(capsys):
    with speaking("text", capsys) as lines:
        try:
            failing()
        except ValueError:
            logging.getLogger("blazz.test").exception("failed", extra={"position": 5})
    said = "\n".join(lines)
    assert "failed" in said
    assert "position=5" in said
    assert "service=sender" in said
    assert SECRET not in said
