"""What becomes of a message: scripted by the last digits of the recipient, else drawn from a hash of
seed, recipient and words, so that the same messages always end alike.
"""

from infra.providers.simulator.outcomes import Draws, draws
from infra.providers.waha_simulator.drafts import Draft
from infra.providers.waha_simulator.options import WahaOptions

SERVER, DEVICE, READ = (1,), (1, 2), (1, 2, 3)
SCRIPTED: dict[str, tuple[int, ...]] = {
    "0001": DEVICE,
    "0002": READ,
    "0003": (),
    "0404": (-1,),
    "0500": READ,
    "0501": READ,
}
ANSWER_NEVER_COMES, SENT_BUT_BROKEN, BROKEN, SESSION_FAILS = "0500", "0501", "0502", "0600"


def digits_of(chat: str) -> str:
    return chat.partition("@")[0][-4:]


def drawn_for(draft: Draft, options: WahaOptions) -> Draws:
    return draws(options.seed, draft.chat, draft.essence())


def acks(draft: Draft, drawn: Draws, options: WahaOptions) -> tuple[int, ...]:
    """What will be heard of it; of some nothing at all."""
    found = SCRIPTED.get(digits_of(draft.chat))
    if found is None:
        found = DEVICE if drawn.read >= options.read_share else READ
        if drawn.delivered >= options.delivered_share:
            found = SERVER
    return (*READ, 4) if draft.voice and found == READ else found
