"""What is counted of sending: answers by their kind and class, and how long they took."""

from typing import Final

from prometheus_client import Counter, Histogram

from commands.policies.ports import Accepted, Answer, Refused

SENDS: Final = Counter(
    "blazz_sends", "Attempts answered by the provider or given up on", ["outcome", "error_class"]
)
SECONDS: Final = Histogram(
    "blazz_send_seconds",
    "From the call of the provider to its answer",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)


def measure(answer: Answer, seconds: float) -> None:
    """Counts one answer."""
    match answer:
        case Accepted():
            _ACCEPTED.inc()
        case Refused(error_class=error_class):
            SENDS.labels("refused", error_class).inc()
        case _:
            SENDS.labels("unknown", "").inc()
    SECONDS.observe(seconds)


_ACCEPTED: Final = SENDS.labels("accepted", "")
