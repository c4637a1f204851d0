"""A conversation between Ana and a shop, for tests to start from."""

from datetime import timedelta
from uuid import UUID

from domain.conversation import (
    BusinessWrites,
    BusinessWrote,
    ConversationMoved,
    ConversationStarted,
    CustomerWrites,
    CustomerWrote,
)
from domain.ids import conversation_id
from tests.examples import ACCOUNT, CONTACT, WORKSPACE
from tests.spec import NOW

CONVERSATION = conversation_id(ACCOUNT, CONTACT)
AGENT, OTHER_AGENT, TEAM, FIRST, SECOND, THIRD, NOTE = (UUID(int=n) for n in range(101, 108))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

here = {"workspace_id": WORKSPACE, "conversation_id": CONVERSATION}
of_contact = {**here, "contact_id": CONTACT, "account_id": ACCOUNT}
opening = {**of_contact, "status": "open", "before": "absent"}
opened = {**of_contact, "status": "open", "before": "open"}

started = ConversationStarted(**opening, by="customer")
asked = CustomerWrote(
    **opened,
    message_id=FIRST,
    at=NOW,
    kind="text",
    snippet="Are you open?",
    inbound=1,
    window_until=NOW + DAY,
    waiting_since=NOW,
)
answered = BusinessWrote(
    **opened,
    message_id=SECOND,
    at=NOW + HOUR,
    kind="text",
    snippet="Yes",
    user_id=AGENT,
    response_ms=3_600_000,
)
resolved = ConversationMoved(
    **of_contact,
    status="resolved",
    before="open",
    at=NOW + 2 * HOUR,
    user_id=AGENT,
    resolution_ms=7_200_000,
)


def customer(message_id=FIRST, at=NOW, kind="text", text="Are you open?"):
    return CustomerWrites(**of_contact, message_id=message_id, at=at, kind=kind, snippet=text)


def business(message_id=SECOND, kind="text", text="Yes", **more):
    return BusinessWrites(**of_contact, message_id=message_id, kind=kind, snippet=text, **more)
