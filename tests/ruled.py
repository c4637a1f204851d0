"""A stage whose customers are answered by rules."""

from itertools import count

from commands.policies.auto_reply import AutoReplyPolicy
from domain import conversation as cnv
from domain.consideration import InboundConsidered
from domain.ids import consideration_id, name_id
from domain.message import MessageQueued
from domain.rule import Actions, Answer, CreateRule, Definition, EnableRule, Trigger, rule
from tests.stage import now

WAMIDS = count()
HELLO = "We are open from 9 to 5."


def ruled(stage, name="hours", kind="contains", values=("open",), enabled=True, **more):
    """A rule that answers with a text, unless told otherwise."""
    rule_id = name_id(stage.ws, "rule", name)
    about = {"workspace_id": stage.ws, "rule_id": rule_id}
    more.setdefault("actions", Actions(answer=Answer(text=HELLO)))
    trigger = Trigger(kind=kind, values=values)
    definition = Definition(name=name, trigger=trigger, **more)
    stage.do(rule, rule_id, CreateRule(**about, definition=definition))
    if enabled:
        stage.do(rule, rule_id, EnableRule(**about))
    stage.project()
    return rule_id


def says(stage, talk, text, at=None, consider=True, **content):
    """The customer writes; the id of the message."""
    wamid = f"wamid.{next(WAMIDS)}"
    stage.tell(talk.customer(wamid, at or now(), text, **content))
    if consider:
        stage.settle(stage.policy(AutoReplyPolicy))
    return talk.heard(wamid)


def considered(stage, message_id):
    (event,) = stage.events(consideration_id(message_id))
    assert isinstance(event, InboundConsidered)
    return event


def answers(stage, talk):
    """What was said by itself in the conversation, one after the other."""
    wrote = [e for e in stage.events(talk.id) if isinstance(e, cnv.BusinessWrote) and e.automatic]
    said = []
    for event in wrote:
        (queued,) = [e for e in stage.events(event.message_id) if isinstance(e, MessageQueued)]
        said.append(queued.content.text)
    return said
