"""Processes on one machine tell each other of news; whoever hears nothing looks by itself."""

import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import make_url

from infra.bell import LISTENERS, UNTOLD_S, Bell, Ear
from tests.stage import Stage

RINGING = """
import sys
from sqlalchemy import make_url
from infra.bell import Bell
Bell(make_url(sys.argv[1]), "facts").ring()
"""
SELDOM_S = 120.0


@pytest.fixture
def url(tmp_path):
    return make_url(f"sqlite:///{tmp_path / 'store.sqlite'}")


@pytest.fixture
def ear(url):
    ear = Ear(url, "facts", often_s=0.001, seldom_s=SELDOM_S)
    yield ear
    ear.close()


def waited_s(ear, within_s=SELDOM_S):
    began = time.monotonic()
    ear.wait(within_s)
    return time.monotonic() - began


def test_another_process_is_heard_at_once(url, ear):
    ear.begin()
    subprocess.run([sys.executable, "-c", RINGING, str(url)], check=True)
    assert waited_s(ear) < SELDOM_S / 2


def test_what_was_told_before_a_look_is_not_heard_again_after_it(url, ear):
    for _ in range(5):
        Bell(url, "facts").ring()
    ear.begin()
    assert waited_s(ear, 0.05) >= 0.05


def test_another_database_or_matter_is_not_heard(url, ear, tmp_path):
    Bell(url, "inbox").ring()
    Bell(make_url(f"sqlite:///{tmp_path / 'other.sqlite'}"), "facts").ring()
    assert waited_s(ear, 0.05) >= 0.05


def test_while_news_comes_untold_it_is_looked_for_often(url, ear, monkeypatch):
    monkeypatch.setattr("infra.bell.TOLD_WITHIN_S", 0.0)
    for _ in range(2):
        ear.begin()
        ear.found()
    assert waited_s(ear) < SELDOM_S / 2
    monkeypatch.setattr("infra.bell.time", Later(UNTOLD_S))
    assert waited_s(ear, 0.05) >= 0.05


def test_news_that_is_told_a_moment_later_is_no_reason_to_look_often(url, ear, monkeypatch):
    monkeypatch.setattr("infra.bell.TOLD_WITHIN_S", 0.0)
    ear.begin()
    ear.found()
    Bell(url, "facts").ring()
    ear.begin()
    ear.begin()
    assert waited_s(ear, 0.05) >= 0.05


def test_who_is_second_on_the_machine_looks_often_until_it_is_the_only_one(url, ear):
    second = Ear(url, "facts", often_s=0.001, seldom_s=SELDOM_S)
    assert waited_s(second) < SELDOM_S / 2
    second.close()
    ear.close()
    third = Ear(url, "facts", often_s=0.001, seldom_s=SELDOM_S)
    assert waited_s(third, 0.05) >= 0.05
    third.close()


def test_several_hear_of_rows_each_of_the_parts_it_asks_for(url):
    one, other = Ear(url, "rows"), Ear(url, "rows")
    bell = Bell(url, "rows")
    bell.ring([3, 300])
    assert one.hear([1, 3])
    assert not other.hear([1, 4])
    bell.ring([4])
    assert other.hear([1, 4])
    for ear in (one, other):
        ear.begin()
        assert not ear.hear()
    bell.ring([300])
    assert other.hear([300])
    one.close()
    bell.ring()
    third = Ear(url, "rows")
    assert third.fileno() is not None
    assert not third.hear()
    for ear in (other, third):
        ear.close()


def test_who_finds_no_place_left_is_alone(url):
    ears = [Ear(url, "rows") for _ in range(LISTENERS["rows"])]
    late = Ear(url, "rows")
    assert late.alone
    assert late.fileno() is None
    Bell(url, "rows").ring([1])
    assert all(ear.hear([1]) for ear in ears)
    assert not late.hear([1])
    for ear in (*ears, late):
        ear.close()


def test_nobody_need_listen_and_nobody_need_hear_all(url, ear):
    Bell(url, "inbox").ring()
    bell = Bell(url, "facts")
    for _ in range(10_000):
        bell.ring()
    ear.begin()


@pytest.mark.parametrize("about", ["facts", "inbox"])
def test_facts_and_webhooks_are_told_of_when_they_are_stored(tmp_path, about):
    stage = Stage(tmp_path)
    ear = Ear(stage.engine.url, about, often_s=0.001, seldom_s=SELDOM_S)
    ear.begin()

    def store():
        stage.contact("+491550000001")
        stage.inbox.accept(b"{}", stage.clock())

    storing = threading.Thread(target=store)
    storing.start()
    assert waited_s(ear) < SELDOM_S / 2
    storing.join()
    ear.close()
    stage.close()


class Later:
    """The clock, so many seconds later."""

    def __init__(self, seconds):
        self._seconds = seconds

    def monotonic(self):
        return time.monotonic() + self._seconds
