"""One attempt on the wire: its message, and the file that goes along with it."""

import logging

from commands.policies.attempts import Sending
from commands.policies.ports import Answer, Unknown
from commands.policies.reactions import LONGEST_REASON, Number, outbound
from commands.policies.tools import Tools

log = logging.getLogger("blazz.sender")


async def leave(tools: Tools, number: Number, sending: Sending) -> Answer:
    """What the provider answers; of a file it did not take, what it said to that."""
    parcel, content = sending.parcel, sending.content
    if parcel is not None and parcel.refused is not None:
        return parcel.refused
    file = None if parcel is None else parcel.file
    try:
        answer = await tools.provider.send(outbound(number, sending.claim, content, file))
    except Exception as error:
        log.exception("the provider's adapter failed")
        return Unknown(f"the adapter failed: {error!r}"[:LONGEST_REASON])
    return answer if parcel is None else tools.parcels.judged(number, content, parcel, answer)
