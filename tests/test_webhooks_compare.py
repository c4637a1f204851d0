"""What payloads say can be read again through the read API, one by one and all as one body."""

import asyncio
import json

import pytest

from infra.cli import feed as command
from infra.comparing import feeding
from infra.comparing.differences import differences
from infra.comparing.feeding import compare_all
from infra.settings import Settings
from infra.webhook_feed import NothingToFeed
from tests.webhook_corpus import PAYLOADS

SECRET = "app-secret"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "payloads"
    folder.mkdir()
    return folder


def compared(folder, tmp_path):
    (tmp_path / "places").mkdir()
    return asyncio.run(compare_all(tmp_path / "places", folder, "simulator-app-secret"))


def test_every_kind_of_payload_can_be_read_again(folder, tmp_path):
    (folder / "all.json").write_text(json.dumps(PAYLOADS))
    found = compared(folder, tmp_path)
    assert [str(one) for one in found if one.differences] == []
    assert len(found) == 2 * len(PAYLOADS)
    assert {one.how for one in found} == {"one by one", "as one body"}


def test_what_is_lost_or_changed_on_the_way_is_named(folder, tmp_path, monkeypatch, capsys):
    """Here the code that takes payloads apart forgets a field, and mistakes another."""
    from commands.policies import whatsapp_messages

    whole = whatsapp_messages.received

    def forgetful(item, more):
        item = {key: said for key, said in item.items() if key != "referral"}
        if item["type"] == "location":
            item["location"] = item["location"] | {"latitude": 0.0}
        return whole(item, more)

    monkeypatch.setattr(whatsapp_messages, "received", forgetful)
    for name in ("text_from_advert", "location", "text"):
        (folder / f"{name}.json").write_text(json.dumps(PAYLOADS[name]))
    (folder / "broken.json").write_text("{")
    (folder / "other.json").write_text(json.dumps({"name": "no payload", "components": []}))
    assert command.compare_folder(Settings(), folder) == 1
    shown = capsys.readouterr().out.splitlines()
    assert "text (one by one): same" in shown
    assert "text (as one body): same" in shown
    assert [line.split(":")[0] for line in shown if "not read" in line] == [
        "broken.json (not read)"
    ]
    assert any("location.latitude: sent -6.2, shown 0.0" in line for line in shown)
    assert any("referral: sent {" in line and "shown nothing" in line for line in shown)
    assert shown[-1] == "7 comparisons: 2 same, 5 different"


def test_a_folder_without_payloads_is_told(tmp_path, capsys):
    assert command.compare_folder(Settings(), tmp_path) == 64
    assert "has no .json file" in capsys.readouterr().err
    with pytest.raises(NothingToFeed):
        asyncio.run(feeding.compare_all(tmp_path, tmp_path, SECRET))


@pytest.mark.parametrize(
    ("sent", "shown", "found"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, []),
        ({"a": 1}, {}, ["a: sent 1, shown nothing"]),
        ({}, {"a": 1}, ["a: sent nothing, shown 1"]),
        ({"a": 1}, {"a": True}, ["a: sent 1, shown True"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a: sent [1], shown [1, 2]"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": "1"}]}, ["a[0].b: sent 1, shown '1'"]),
    ],
)
def test_differences_are_found_in_any_depth(sent, shown, found):
    assert [*differences(sent, shown)] == found
