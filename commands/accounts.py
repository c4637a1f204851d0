"""Commands on accounts: a WhatsApp number is connected to one workspace of the installation."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from commands.bodies import Empty, Reasoned
from commands.command import Command, Intent, Wanted, about
from commands.number_bodies import AccountPatch, NewAccount
from commands.streams import Ask
from domain.account import (
    Account,
    AllowCampaigns,
    AskSession,
    ConnectNumber,
    DisconnectNumber,
    ForbidCampaigns,
    PauseNumber,
    ResumeNumber,
    SessionAction,
    SwitchReadReceipts,
    account,
)
from domain.ids import name_id


def account_id(phone_number_id: str) -> UUID:
    """The same for everybody: whoever connects a number first has it."""
    return name_id(UUID(int=0), "number", phone_number_id)


def _connect_number(wanted: Wanted) -> Intent:
    """To the provider, the name of a session is what the id of a number is to another."""
    body: NewAccount = wanted.body
    given = body.model_dump(exclude={"session"})
    if body.provider == "waha":
        given["phone_number_id"] = body.session
    id_ = account_id(given["phone_number_id"])
    command = ConnectNumber(workspace_id=wanted.workspace_id, account_id=id_, **given)
    return Intent("account", id_, [Ask(account, id_, command)])


def _pause_number(wanted: Wanted) -> Intent:
    return about(wanted, account, PauseNumber(**wanted.named, reason=wanted.body.reason))


def _resume_number(wanted: Wanted) -> Intent:
    return about(wanted, account, ResumeNumber(**wanted.named))


def _disconnect_number(wanted: Wanted) -> Intent:
    return about(wanted, account, DisconnectNumber(**wanted.named, reason=wanted.body.reason))


def _allow_campaigns(wanted: Wanted) -> Intent:
    return about(wanted, account, AllowCampaigns(**wanted.named))


def _forbid_campaigns(wanted: Wanted) -> Intent:
    return about(wanted, account, ForbidCampaigns(**wanted.named))


def _change_number(wanted: Wanted) -> Intent:
    patch: AccountPatch = wanted.body
    given = "read_receipts" in patch.model_fields_set
    found: Account = wanted.streams.look(account, wanted.ids["account_id"], wanted.workspace_id)
    on = patch.read_receipts if given else found.read_receipts
    return about(wanted, account, SwitchReadReceipts(**wanted.named, on=on))


def _session(action: SessionAction) -> Callable[[Wanted], Intent]:
    def prepare(wanted: Wanted) -> Intent:
        return about(wanted, account, AskSession(**wanted.named, action=action))

    prepare.__name__ = f"{action}_session"
    return prepare


_ONE: Final = "/v1/accounts/{account_id}"
_ID: Final = {"account_id": "account"}

COMMANDS: Final = (
    Command(
        "POST",
        "/v1/accounts",
        "Connect a WhatsApp number",
        _connect_number,
        "numbers.manage",
        body=NewAccount,
        status=201,
    ),
    Command(
        "PATCH",
        _ONE,
        "Choose whether customers are told what was read (JSON merge patch)",
        _change_number,
        "numbers.manage",
        body=AccountPatch,
        ids=_ID,
        match_required=True,
    ),
    *(
        Command("POST", f"{_ONE}/{verb}", summary, prepare, "campaigns.send", body, ids=_ID)
        for verb, summary, prepare, body in (
            ("pause", "Stop sending from a number, for now", _pause_number, Reasoned),
            ("resume", "Go on sending from a number", _resume_number, Empty),
            ("disconnect", "Disconnect a number", _disconnect_number, Reasoned),
        )
    ),
    *(
        Command("POST", f"{_ONE}/{path}", summary, prepare, "numbers.manage", ids=_ID)
        for path, summary, prepare in (
            ("allow-campaigns", "Let campaigns leave from a WAHA number", _allow_campaigns),
            ("forbid-campaigns", "Let a WAHA number answer only", _forbid_campaigns),
            ("session/start", "Start a WAHA session, or make it", _session("start")),
            ("session/stop", "Stop a WAHA session", _session("stop")),
            ("session/restart", "Restart a WAHA session", _session("restart")),
            ("session/logout", "Unlink the phone from a WAHA session", _session("logout")),
        )
    ),
)
