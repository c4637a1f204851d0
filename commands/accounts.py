"""Commands on accounts: a WhatsApp number is connected to one workspace of the installation."""

from typing import Final, TypedDict
from uuid import UUID

from commands.bodies import Empty, NewAccount, Reasoned
from commands.command import Command, Intent, Wanted
from commands.streams import Ask
from domain.account import (
    AccountCommand,
    ConnectNumber,
    DisconnectNumber,
    PauseNumber,
    ResumeNumber,
    account,
)
from domain.ids import name_id


def account_id(phone_number_id: str) -> UUID:
    """The same for everybody: whoever connects a number first has it."""
    return name_id(UUID(int=0), "number", phone_number_id)


def _connect_number(wanted: Wanted) -> Intent:
    body: NewAccount = wanted.body
    id_ = account_id(body.phone_number_id)
    command = ConnectNumber(workspace_id=wanted.workspace_id, account_id=id_, **body.model_dump())
    return Intent("account", id_, [Ask(account, id_, command)])


def _pause_number(wanted: Wanted) -> Intent:
    return _about(wanted, PauseNumber(**_ids(wanted), reason=wanted.body.reason))


def _resume_number(wanted: Wanted) -> Intent:
    return _about(wanted, ResumeNumber(**_ids(wanted)))


def _disconnect_number(wanted: Wanted) -> Intent:
    return _about(wanted, DisconnectNumber(**_ids(wanted), reason=wanted.body.reason))


class _Ids(TypedDict):
    workspace_id: UUID
    account_id: UUID


def _ids(wanted: Wanted) -> _Ids:
    return _Ids(workspace_id=wanted.workspace_id, account_id=wanted.ids["account_id"])


def _about(wanted: Wanted, command: AccountCommand) -> Intent:
    id_ = wanted.ids["account_id"]
    return Intent("account", id_, [Ask(account, id_, command, wanted.expected)])


_ONE: Final = "/v1/accounts/{account_id}"
_ID: Final = {"account_id": "account"}

COMMANDS: Final = (
    Command(
        "POST",
        "/v1/accounts",
        "Connect a WhatsApp number",
        _connect_number,
        body=NewAccount,
        status=201,
    ),
    *(
        Command("POST", f"{_ONE}/{verb}", summary, prepare, body=body, ids=_ID, scope="send")
        for verb, summary, prepare, body in (
            ("pause", "Stop sending from a number, for now", _pause_number, Reasoned),
            ("resume", "Go on sending from a number", _resume_number, Empty),
            ("disconnect", "Disconnect a number", _disconnect_number, Reasoned),
        )
    ),
)
