"""What the WAHA simulator can be told to do, with units: by flags, by code, and at run time."""

from typing import Annotated

import msgspec
from msgspec import Meta

Milliseconds = Annotated[int, Meta(ge=0, le=86_400_000)]
Share = Annotated[float, Meta(ge=0, le=1)]


class WahaOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    api_keys: Annotated[
        tuple[str, ...], Meta(description="values of X-Api-Key accepted; none named: any value")
    ] = ()
    seed: Annotated[int, Meta(description="decides every unscripted outcome")] = 1
    start_ms: Annotated[
        Milliseconds, Meta(description="ms that a session is STARTING before it goes on")
    ] = 20
    scan_ms: Annotated[
        Milliseconds, Meta(description="ms until a code is scanned by itself; 0: by control only")
    ] = 0
    qr_lives_ms: Annotated[Milliseconds, Meta(description="ms until another code is shown")] = (
        20_000
    )
    qr_codes: Annotated[int, Meta(ge=1, description="codes shown before the session is FAILED")] = 6
    hold_ms: Annotated[
        Milliseconds, Meta(description="ms until the connection of a ...0500 send is closed")
    ] = 30_000

    delivered_share: Annotated[Share, Meta(description="share of messages delivered, 0..1")] = 0.97
    read_share: Annotated[Share, Meta(description="share of delivered messages read, 0..1")] = 0.8
    delay_ms: Annotated[Milliseconds, Meta(description="ms between two acks")] = 50
    jitter_ms: Annotated[
        Milliseconds, Meta(description="up to so many ms more, drawn for each ack")
    ] = 0
    loss: Annotated[Share, Meta(description="share of acks never reported")] = 0.0
    duplicates: Annotated[Share, Meta(description="share of acks reported twice")] = 0.0
    disorder: Annotated[Share, Meta(description="share of messages with acks out of order")] = 0.0
    echo_loss: Annotated[
        Share, Meta(description="share of sent messages without their message.any")
    ] = 0.0

    webhook_timeout_ms: Annotated[
        int, Meta(ge=1, description="ms a receiver may take to answer")
    ] = 10_000
    retry_second_ms: Annotated[
        Milliseconds, Meta(description="ms that count as a second of a session's retry delay")
    ] = 1_000
    repeat: Annotated[
        Share, Meta(description="share of webhooks that are posted again though they were taken")
    ] = 0.0
