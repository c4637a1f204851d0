"""A number reached through WAHA, a message that a rule answered, and a drafted reply."""

from uuid import uuid5

from commands.execute import Ask
from domain import account as acc
from domain import assistance as ast
from domain import consideration as csd
from domain import ids
from tests.spec import NOW


def answers(ws, account_id, contact_id):
    """Groups of asks, none of which is refused."""
    about = {"workspace_id": ws}
    shop, message_id = uuid5(ws, "waha"), uuid5(ws, "considered")
    talk = {"conversation_id": ids.conversation_id(account_id, contact_id)}
    number = {"phone_number_id": f"shop{ws.int}", "waba_id": "", "display_phone_number": "+62 812"}
    connect = acc.ConnectNumber(**about, account_id=shop, **number, provider="waha")
    yield [Ask(acc.account, shop, connect)]
    silent = acc.SwitchReadReceipts(**about, account_id=shop, on=False)
    yield [Ask(acc.account, shop, silent)]
    considered = csd.Consider(
        **about,
        **talk,
        message_id=message_id,
        contact_id=contact_id,
        account_id=account_id,
        verdict="rule",
        rule_id=uuid5(ws, "rule"),
        answer_id=ids.automatic_answer_id(message_id),
        why="",
    )
    yield [Ask(csd.consideration, ids.consideration_id(message_id), considered)]
    use = ast.UseAi(**about, **talk, day=NOW.date(), kind="draft", quota=3)
    yield [Ask(ast.assistance, ast.assistance_id(ws, NOW.date()), use)]
