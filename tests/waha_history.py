"""A number that is reached through WAHA, as it happens in random histories."""

from datetime import timedelta
from uuid import UUID

from domain import account as acc
from tests.examples import WORKSPACE

WAHA_NUMBER = UUID(int=161)
STATUSES = ("connecting", "scan_qr", "working", "failed", "stopped")


def sessions(world, choose):
    """Asked for, answered, reported in any order, shown and scanned."""
    about = {"workspace_id": WORKSPACE, "account_id": WAHA_NUMBER}
    state = world.states.get(WAHA_NUMBER, acc.account.initial)
    number = {"phone_number_id": "shop", "waba_id": "", "display_phone_number": "+62 812"}
    soon = world.now + timedelta(seconds=20)
    command = choose(
        [
            acc.ConnectNumber(**about, **number, provider="waha"),
            acc.AskSession(**about, action=choose(["start", "stop", "restart", "logout"])),
            acc.AnswerSession(**about, ask=state.session.asks, taken=choose([True, False])),
            acc.ReportSession(**about, status=choose(STATUSES), at=world.now),
            acc.ReportSession(**about, status=choose(STATUSES)),
            acc.ShowQr(**about, qr=choose(["2@a", "2@b"]), expires_at=soon),
            acc.AllowCampaigns(**about),
            acc.ForbidCampaigns(**about),
            acc.SwitchReadReceipts(**about, on=choose([True, False])),
            *([acc.DisconnectNumber(**about)] if choose(range(4)) == 0 else []),
        ]
    )
    world.ask(acc.account, WAHA_NUMBER, command)
