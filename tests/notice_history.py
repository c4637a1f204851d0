"""People who are told something and read it, as it happens in random histories."""

from uuid import UUID

from domain import account as acc
from domain.ids import name_id
from domain.notices import notification_id
from domain.notification import (
    ReadNotification,
    ReadNotifications,
    reading,
    reading_id,
)
from tests.examples import ACCOUNT, WORKSPACE

READERS = (name_id(WORKSPACE, "user", "ana"), UUID(int=171))


def notices(world, choose):
    """A number stops by itself; somebody reads one of what came lately, or all up to it."""
    reader_id, about = choose(READERS), {"workspace_id": WORKSPACE}
    if choose(range(4)) == 0:
        told = acc.PauseNumber(**about, account_id=ACCOUNT, reason="blocked", tell=True)
        world.ask(acc.account, ACCOUNT, told)
        return
    one = notification_id(choose(range(1, 200)))
    command = choose(
        [
            ReadNotification(**about, reader_id=reader_id, notification_id=one),
            ReadNotifications(**about, reader_id=reader_id, through=one),
        ]
    )
    world.ask(reading, reading_id(WORKSPACE, reader_id), command)
