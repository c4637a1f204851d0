"""What the simulator can be told to do, with units. The same struct serves the command line,
code that starts a simulator, and changes at run time.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Milliseconds = Annotated[int, Meta(ge=0, le=86_400_000)]
Share = Annotated[float, Meta(ge=0, le=1)]


class SimulatorOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    webhook_url: Annotated[
        str, Meta(pattern=r"^(https?://\S+)?$", description="where webhooks go; empty: nowhere")
    ] = ""
    app_secret: Annotated[
        str, Meta(description="key of X-Hub-Signature-256; empty: webhooks are not signed")
    ] = ""
    tokens: Annotated[
        tuple[str, ...], Meta(description="bearer tokens accepted; none named: any token")
    ] = ()
    seed: Annotated[int, Meta(description="decides every unscripted outcome")] = 1
    waba_id: Annotated[
        str, Meta(min_length=1, description="account of numbers created on first use")
    ] = "100000000000001"
    create_numbers: Annotated[
        bool, Meta(description="an unknown phone number id becomes a number on first use")
    ] = True
    accept_unknown_templates: Annotated[
        bool, Meta(description="send templates that were never registered")
    ] = False
    enforce_window: Annotated[
        bool, Meta(description="fail free-form messages 24 h after the last inbound one (131047)")
    ] = False

    messages_per_second: Annotated[
        float, Meta(ge=0, description="throughput of each number, messages a second; 0: unlimited")
    ] = 80.0
    pair_interval_ms: Annotated[
        Milliseconds, Meta(description="ms between messages to one recipient; 0: unlimited")
    ] = 6_000
    pair_burst: Annotated[
        int, Meta(ge=1, description="messages to one recipient before the interval counts")
    ] = 45
    hold_ms: Annotated[
        Milliseconds, Meta(description="ms until the connection of a ...0500 send is closed")
    ] = 30_000

    delivered_share: Annotated[Share, Meta(description="share of messages delivered, 0..1")] = 0.97
    read_share: Annotated[Share, Meta(description="share of delivered messages read, 0..1")] = 0.8
    delay_ms: Annotated[Milliseconds, Meta(description="ms between two statuses")] = 50
    jitter_ms: Annotated[
        Milliseconds, Meta(description="up to so many ms more, drawn for each status")
    ] = 0
    review_delay_ms: Annotated[
        Milliseconds, Meta(description="ms until a submitted template is decided")
    ] = 200

    batch_max: Annotated[int, Meta(ge=1, le=1000, description="most statuses in one body")] = 50
    batch_window_ms: Annotated[
        int, Meta(ge=1, le=60_000, description="ms over which statuses are gathered into bodies")
    ] = 10
    spread: Annotated[
        Share, Meta(description="chance that a body is split over several changes or entries")
    ] = 0.1
    duplicates: Annotated[Share, Meta(description="chance that a status is sent twice")] = 0.0
    disorder: Annotated[
        Share, Meta(description="chance that a message's statuses are sent out of order")
    ] = 0.0
    loss: Annotated[Share, Meta(description="chance that a status is never sent")] = 0.0
    webhook_concurrency: Annotated[int, Meta(ge=1, le=256, description="webhook posts at once")] = 8
    webhook_timeout_ms: Annotated[
        int, Meta(ge=1, le=600_000, description="ms to wait for the receiver's answer")
    ] = 10_000
    retry_base_ms: Annotated[
        int, Meta(ge=1, le=600_000, description="ms before the first retry; doubles each time")
    ] = 500
    retry_max_ms: Annotated[
        int, Meta(ge=1, le=86_400_000, description="longest pause between retries, ms")
    ] = 60_000


def changed(options: SimulatorOptions, changes: dict[str, Any]) -> SimulatorOptions:
    """The options with some replaced; ValueError names the option that cannot be."""
    for name, value in changes.items():
        if name not in SimulatorOptions.__struct_fields__:
            raise ValueError(
                f"option {name!r} is unknown; known: {', '.join(SimulatorOptions.__struct_fields__)}"
            )
        try:
            msgspec.convert({name: value}, SimulatorOptions)
        except msgspec.ValidationError as error:
            reason = str(error).split(" - at ")[0]
            raise ValueError(f"option {name!r} cannot be {value!r}: {reason}") from None
    return msgspec.structs.replace(options, **_converted(changes))


def _converted(changes: dict[str, Any]) -> dict[str, Any]:
    whole = msgspec.convert(changes, SimulatorOptions)
    return {name: getattr(whole, name) for name in changes}
