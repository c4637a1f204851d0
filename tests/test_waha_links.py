"""A number reached through WAHA takes no links to files: WAHA would fetch them from within our network,
where a public name may lead to a private address.
"""

from datetime import UTC, datetime

import pytest

from commands.execute import Ask, execute
from domain.campaign import Audience, DraftCampaign, Plan, campaign
from domain.ids import name_id, parse, show
from domain.kernel import Metadata
from domain.rule import Actions, Answer
from domain.template import ApproveTemplate, SubmitTemplate, template
from tests.chat_site import Chat, found
from tests.chat_stage import ChatStage
from tests.command_site import command_site
from tests.file_examples import uploaded
from tests.ruled import answers, considered, ruled, says
from tests.senders import sending
from tests.test_sender_files import ANA, reply
from tests.test_waha_sending import through
from tests.waha_simulators import SESSION, waha

LINK = "https://10.0.0.1.nip.io/a.jpg"
TEXT = {"name": "pic", "language": "en_US", "category": "UTILITY", "body": "Look"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def chat(site, request):
    """A customer has just written to a number reached through WAHA."""
    company = site.workspace()
    found(company)
    shop = company.session(f"s{abs(hash(request.node.name))}")
    begun = Chat(company, parse("account", shop), parse("contact", company.contact()))
    begun.customer_writes()
    return begun


@pytest.fixture
def stage(tmp_path):
    stage = ChatStage(tmp_path)
    yield stage
    stage.close()


def pictured(do, ws, account_id):
    """An approved template with a picture above, from before they were refused."""
    id_ = name_id(account_id, "template", "pic:en_US")
    about = {"workspace_id": ws, "template_id": id_}
    do(template, id_, SubmitTemplate(**about, account_id=account_id, header_kind="image", **TEXT))
    do(template, id_, ApproveTemplate(**about))
    return id_


def old_template(chat):
    return pictured(by_hand(chat), chat.company.workspace_id, chat.account_id)


def by_hand(chat):
    def do(decider, id_, command):
        asks, now = [Ask(decider, id_, command)], datetime.now(UTC)
        execute(chat.company.store, asks, Metadata(), now)

    return do


def refused(chat, asked, words):
    """Nothing is stored of it."""
    before = chat.company.facts()
    answer = asked()
    assert (answer.status_code, answer.json()["code"]) == (409, "link_not_taken"), answer.text
    assert words in answer.json()["detail"]
    assert chat.company.facts() == before


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
def test_a_linked_file_is_refused_as_an_answer_and_an_uploaded_one_is_taken(chat, kind):
    refused(chat, lambda: chat.reply(kind=kind, link=LINK), "upload it first (POST /v1/files)")
    id_ = uploaded(chat.company.http)
    assert chat.queued(chat.reply(kind="image", file_id=id_)).content.link == ""


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_a_template_with_a_file_in_its_header_is_not_even_submitted(chat, kind):
    shown = show("account", chat.account_id)
    body = {**TEXT, "account_id": shown, "header_kind": kind}
    refused(chat, lambda: chat.company.post("/v1/templates", body), "without a file in its header")
    text = body | {"header_kind": "text", "header": "Look"}
    assert chat.company.post("/v1/templates", text).status_code == 201


def test_an_old_template_with_a_picture_is_not_sent_as_an_answer(chat):
    shown = show("template", old_template(chat))
    words = "without a file in its header"
    answer = {"kind": "template", "template_id": shown}
    refused(chat, lambda: chat.reply(**answer, header_link=LINK), words)
    refused(chat, lambda: chat.reply(**answer), words)
    first = {"account_id": show("account", chat.account_id), "template_id": shown}
    first |= {"contact_id": show("contact", chat.contact_id), "header_link": LINK}
    begin = lambda: chat.company.post("/v1/conversations", first, Idempotency_Key="k")  # noqa: E731
    refused(chat, begin, words)


def test_a_rule_that_would_answer_with_a_picture_is_not_made(chat):
    answer = {"template_id": show("template", old_template(chat)), "header_link": LINK}
    trigger = {"kind": "contains", "values": ["open"]}
    rule = {"name": "Look", "trigger": trigger, "actions": {"answer": answer}}
    words = "without a file in its header"
    refused(chat, lambda: chat.company.post("/v1/rules", rule), words)
    made = chat.company.post("/v1/rules", rule | {"actions": {"answer": {"text": "Yes"}}})
    change = {"actions": {"answer": answer}}
    path = f"/v1/rules/{made.json()['id']}"
    refused(chat, lambda: chat.company.patch(path, change, 1), words)


def test_a_campaign_with_a_picture_is_neither_drafted_nor_launched(chat):
    id_, company = old_template(chat), chat.company
    shown = show("account", chat.account_id)
    assert company.post(f"/v1/accounts/{shown}/allow-campaigns").status_code == 200
    plan = {"name": "Eid", "account_id": shown, "template_id": show("template", id_)}
    plan |= {"audience": {"kind": "all"}, "header_link": LINK}
    post = lambda body: company.post("/v1/campaigns", body, Idempotency_Key="k")  # noqa: E731
    words = "without a file in its header"
    refused(chat, lambda: post(plan), words)
    plain = post(plan | {"header_link": None})
    path = f"/v1/campaigns/{plain.json()['id']}"
    refused(chat, lambda: company.patch(path, {"header_link": LINK}, 1), words)
    refused(chat, lambda: company.post(f"{path}/launch"), words)
    old = f"/v1/campaigns/{drafted(chat, id_)}"
    refused(chat, lambda: company.post(f"{old}/launch"), words)


def drafted(chat, template_id):
    """One of before, with a link."""
    id_ = name_id(chat.account_id, "campaign", "old")
    about = {"account_id": chat.account_id, "template_id": template_id, "variables": {}}
    plan = Plan(name="Eid", audience=Audience(kind="all"), header_link=LINK, **about)
    ids = {"workspace_id": chat.company.workspace_id, "campaign_id": id_}
    by_hand(chat)(campaign, id_, DraftCampaign(**ids, plan=plan))
    return show("campaign", id_)


def test_a_rule_of_before_says_nothing_there_and_why_is_kept(stage):
    shop = stage.session(SESSION)
    id_ = pictured(stage.do, stage.ws, shop)
    answer = Answer(template_id=id_, header_link=LINK)
    ruled(stage, actions=Actions(answer=answer, labels=("asked",)))
    talk = stage.talk(account_id=shop)
    event = considered(stage, says(stage, talk, "open?"))
    assert (event.why, event.answer_id, answers(stage, talk)) == ("link_not_taken", None, [])


def test_what_was_queued_before_fails_for_good_and_nothing_leaves(stage):
    with waha() as provider:
        provider.started()
        shop = stage.session(SESSION, pace_ms=1000)
        stage.follow()
        stage.contact_id = stage.contact(ANA)
        with sending(stage, "", connect=through(provider)[0]):
            id_ = reply(stage, account_id=shop, kind="image", text="", link=LINK)
            stage.await_(lambda: "MessageRejected" in stage.names(id_), "its failure")
        assert provider.ledger() == []
    failed = stage.events(id_)[-1]
    assert (failed.error_class, failed.retry_at) == ("M", None)
    assert "upload the file" in failed.reason
