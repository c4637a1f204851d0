"""When a refused attempt may be made again, by the class of the provider's error.

Back off: five attempts. Throttled: twenty. An account's trouble is not the message's: it waits a
minute at a time, up to twenty attempts, while the sender has the number paused.
"""

from datetime import timedelta
from typing import Final

from domain.message.events import ErrorClass

PAIR_LIMIT: Final = 131056
BACK_OFF_ATTEMPTS: Final = 5
PATIENT_ATTEMPTS: Final = 20
LONGEST_THROTTLE_S: Final = 60
LONGEST_PAIR_WAIT_S: Final = 3600
ACCOUNT_WAIT_S: Final = 60


def retry_after(error_class: ErrorClass, code: int, attempt: int) -> timedelta | None:
    """How long to wait after that attempt's refusal; None if it was the last."""
    earlier = attempt - 1
    match error_class:
        case "B" if attempt < BACK_OFF_ATTEMPTS:
            return timedelta(seconds=2 * 4**earlier)
        case "T" if attempt < PATIENT_ATTEMPTS and code == PAIR_LIMIT:
            return timedelta(seconds=min(4**earlier, LONGEST_PAIR_WAIT_S))
        case "T" if attempt < PATIENT_ATTEMPTS:
            return timedelta(seconds=min(2**earlier, LONGEST_THROTTLE_S))
        case "P" | "A" if attempt < PATIENT_ATTEMPTS:
            return timedelta(seconds=ACCOUNT_WAIT_S)
        case _:
            return None
