"""Whoever answers by rules is killed with -9 around its commit: a customer is answered once."""

import subprocess
import sys

import pytest

from commands.policies.auto_reply import AutoReplyPolicy
from domain.contact import contact
from domain.message import MessageQueued
from domain.stop_words import WORDS
from projections.queue import send_queue
from tests.chat_stage import ChatStage
from tests.installation import ROOT, clean
from tests.ruled import HELLO, answers, considered, ruled, says

KILLED = -9


@pytest.mark.parametrize(
    ("mark", "stored"), [("store.before_commit", False), ("store.after_commit", True)]
)
def test_killed_before_or_after_its_commit_it_answers_once(tmp_path, mark, stored):
    stage = ChatStage(tmp_path)
    ruled(stage)
    talks = [stage.talk(), stage.talk("+6281234567891")]
    heard = [
        says(stage, talk, text, consider=False)
        for talk, text in zip(talks, ("open?", "stop"), strict=True)
    ]
    arguments = [sys.executable, "-m", "tests.answering_process", stage.store_url, stage.read_url]
    died = subprocess.run(
        arguments, cwd=ROOT, env=clean() | {"BLAZZ_KILL_AT": f"{mark}:1"}, check=False, timeout=60
    )
    assert died.returncode == KILLED
    assert [bool(answers(stage, talk)) for talk in talks] == [stored, stored]
    stage.settle(stage.policy(AutoReplyPolicy))
    assert [answers(stage, talk) for talk in talks] == [[HELLO], [WORDS["en"].stopped]]
    assert stage.state(contact, talks[1].contact_id).consent == "withdrawn"
    for message_id in heard:
        (queued,) = stage.events(considered(stage, message_id).answer_id)
        assert isinstance(queued, MessageQueued)
    assert len(stage.rows(send_queue)) == len(talks)
    stage.close()
