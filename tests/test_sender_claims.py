"""What a number's claims know without reading streams, and what they must not miss."""

from collections import Counter

import pytest
from sqlalchemy import update

from commands.policies import halted, place
from commands.policies.attempts import Attempts
from commands.policies.claims import Claims
from commands.policies.reactions import Number
from commands.policies.untried import content_of, is_first, untried
from commands.streams import Streams
from domain.campaign import Audience, CancelCampaign, PauseCampaign, ResumeCampaign, campaign
from domain.message import RejectMessage, message
from infra.pair_debts import PairDebts
from projections.queue import send_queue
from tests.stage import NUMBER, Stage, now
from tests.test_sender import people


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def attempts(stage):
    number = Number(stage.ws, stage.account, NUMBER, 1000)
    return Attempts(number, stage.store, stage.read, stage.zones, PairDebts(stage.engine))


def claimed(stage):
    claims = Claims(stage.account)
    with stage.read.connect() as connection:
        return claims.take(connection, claims.running(connection), 10, now())


def test_a_first_attempts_stream_is_what_its_fact_makes_of_it(stage):
    people(stage, 1)
    stage.queued()
    (claim,) = claimed(stage)
    assert is_first(claim)
    made = untried(claim, stage.account, content_of(claim))
    streams = Streams(stage.store)
    read = streams.look(message, claim.message_id, stage.ws)
    assert made.state(message) == read
    assert (made.version, made.position) == streams.stands(claim.message_id)
    assert made.workspace_id == stage.ws


def test_a_queue_made_without_months_has_the_streams_read(stage):
    people(stage, 1)
    stage.queued()
    with stage.read.begin() as connection:
        connection.execute(update(send_queue).values(month=None))
    (claim,) = claimed(stage)
    assert not is_first(claim)
    (sending,) = attempts(stage).make(10, now())
    month = stage.events(claim.message_id)[0].month
    assert stage.events(sending.claim.message_id)[-1].month == month


@pytest.mark.parametrize("stop", [PauseCampaign, CancelCampaign])
def test_a_stopped_campaign_is_left_alone_before_the_read_model_knows(stage, monkeypatch, stop):
    monkeypatch.setattr(halted, "LOOK_S", 0.0)
    people(stage, 20)
    campaign_id = stage.queued()
    mine = attempts(stage)
    assert len(mine.make(5, now())) == 5
    stage.do(campaign, campaign_id, stop(workspace_id=stage.ws, campaign_id=campaign_id))
    assert mine.make(5, now()) == []
    if stop is PauseCampaign:
        resume = ResumeCampaign(workspace_id=stage.ws, campaign_id=campaign_id)
        stage.do(campaign, campaign_id, resume)
        assert len(mine.make(5, now())) == 5


def test_a_retry_is_found_where_reading_has_passed_by(stage, monkeypatch):
    monkeypatch.setattr(place, "SOON_S", 0.0)
    people(stage, 20)
    stage.queued()
    mine = attempts(stage)
    first = mine.make(5, now())[0].claim
    about = {"workspace_id": stage.ws, "message_id": first.message_id, "attempt": 1}
    refusal = RejectMessage(**about, error_class="T", code=130429, reason="slower")
    stage.do(message, first.message_id, refusal, now(seconds=-10))
    stage.project()
    assert first.message_id not in ids(mine.make(5, now()))
    mine.expect_again(first)
    assert first.message_id in ids(mine.make(20, now()))


def ids(sendings):
    return {sending.claim.message_id for sending in sendings}


def test_lanes_have_equal_shares_and_what_one_leaves_goes_to_the_others(stage):
    few = people(stage, 4)
    small = [stage.queued(Audience(kind="contacts", contacts=tuple(few))) for _ in range(2)]
    people(stage, 60, "+4915501")
    large = [stage.queued() for _ in range(2)]
    claims = Claims(stage.account)
    with stage.read.connect() as connection:
        first = claims.take(connection, claims.running(connection), 4, now())
        assert Counter(claim.campaign_id for claim in first) == dict.fromkeys([*small, *large], 1)
        taken = claims.take(connection, claims.running(connection), 80, now())
    had = Counter(claim.campaign_id for claim in taken)
    assert [had[id_] for id_ in small] == [3, 3]
    assert sum(had[id_] for id_ in large) == 74
    assert min(had[id_] for id_ in large) >= 20
    assert not {claim.message_id for claim in first} & {claim.message_id for claim in taken}
