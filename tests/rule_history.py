"""Rules, and what they made of messages, at random: a part of `tests.histories`."""

from uuid import UUID, uuid5

from domain import assistance as ast
from domain import consideration as csd
from domain import ids
from domain import rule as rul
from tests.examples import ACCOUNT, CONTACT, WORKSPACE

RULES = (UUID(int=861), UUID(int=862))


def rules(world, choose):
    rule_id = choose(RULES)
    about = {"workspace_id": WORKSPACE, "rule_id": rule_id}
    trigger = rul.Trigger(kind="contains", values=(choose(("open", "buka")),))
    actions = rul.Actions(answer=rul.Answer(text="From 9 to 5"))
    definition = rul.Definition(name=rule_id.hex, trigger=trigger, actions=actions)
    command = choose(
        (
            rul.CreateRule(**about, definition=definition),
            rul.ChangeRule(**about, definition=definition),
            rul.EnableRule(**about),
            rul.DisableRule(**about),
            rul.DeleteRule(**about),
        )
    )
    world.ask(rul.rule, rule_id, command)
    _considered(world, choose, rule_id)
    _assisted(world, choose)


def _considered(world, choose, rule_id):
    conversation_id = ids.conversation_id(ACCOUNT, CONTACT)
    message_id = uuid5(conversation_id, choose("abcdefgh"))
    chosen = choose((rule_id, None))
    command = csd.Consider(
        workspace_id=WORKSPACE,
        message_id=message_id,
        conversation_id=conversation_id,
        contact_id=CONTACT,
        account_id=ACCOUNT,
        verdict="rule" if chosen else "none",
        rule_id=chosen,
        answer_id=ids.automatic_answer_id(message_id) if chosen else None,
        why="" if chosen else "no_match",
    )
    world.ask(csd.consideration, ids.consideration_id(message_id), command)


def _assisted(world, choose):
    day = world.now.date()
    command = ast.UseAi(
        workspace_id=WORKSPACE,
        day=day,
        kind=choose(("draft", "sentiment")),
        quota=3,
        conversation_id=ids.conversation_id(ACCOUNT, CONTACT),
        message_id=choose((None, ids.inbound_id(ACCOUNT, "wamid.asked"))),
    )
    world.ask(ast.assistance, ast.assistance_id(WORKSPACE, day), command)
