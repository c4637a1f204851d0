"""What a company is told in a long history, and who of it has read what."""

from uuid import uuid5

from commands.execute import Ask
from domain import account as acc
from domain.ids import user_id
from domain.notices import notification_id
from domain.notification import ReadNotification, ReadNotifications, reading, reading_id


def notices(ws, account):
    """Groups of asks, each of which goes into one append; none is refused."""
    about = {"workspace_id": ws, "account_id": account}
    yield [Ask(acc.account, account, acc.PauseNumber(**about, reason="blocked", tell=True))]
    yield [Ask(acc.account, account, acc.ResumeNumber(**about))]
    for reader_id in (user_id(ws, "user0@company.example"), uuid5(ws, "a key")):
        mine, stream_id = {"workspace_id": ws, "reader_id": reader_id}, reading_id(ws, reader_id)
        for position in (7, 30):
            one = ReadNotification(**mine, notification_id=notification_id(position))
            yield [Ask(reading, stream_id, one)]
        all_ = ReadNotifications(**mine, through=notification_id(12))
        yield [Ask(reading, stream_id, all_)]
