"""What only WAHA reports, into commands: sessions, and messages that left through its API."""

from commands.execute import Ask
from commands.policies.directory import Directory, OwnNumber
from commands.policies.session_ports import Sent
from commands.policies.verdicts import Asks, Kept, Resolved, Unheard
from commands.policies.waha_doubts import resolved
from commands.policies.waha_items import OwnMessage, SessionReport
from domain.account import ReportSession, account
from domain.message import ObserveStatus, message


def of_session(item: SessionReport, number: OwnNumber) -> Resolved:
    if number.provider != "waha":
        return Kept(f"number {number.phone_number_id} has no session")
    command = ReportSession(
        workspace_id=number.workspace_id,
        account_id=number.account_id,
        status=item.status,
        at=item.at,
        reason=item.reason,
    )
    return Asks([[Ask(account, number.account_id, command)]])


def of_own(item: OwnMessage, number: OwnNumber, directory: Directory) -> Resolved:
    """Known by its id, or else by being just what an attempt of unknown outcome would be."""
    message_id = directory.by_wamid.get((number.account_id, item.wamid))
    if message_id is None:
        sent = Sent(item.wamid, item.at, item.text, item.has_media, item.status)
        doubt = directory.doubt(number.account_id, item.to, sent)
        if doubt is None:
            return Unheard(f"unknown message {item.wamid}, sent over the API of WAHA")
        return Asks([resolved(doubt, sent)])
    if item.status is None:
        return Asks([])
    command = ObserveStatus(
        workspace_id=number.workspace_id,
        message_id=message_id,
        status=item.status,
        at=item.at,
        wamid=item.wamid,
    )
    return Asks([[Ask(message, message_id, command)]])
