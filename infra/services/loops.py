"""The event loop of a service: run until its work is done, told to stop by a signal."""

import asyncio
import os
import signal
from collections.abc import Coroutine

import uvloop


def run_loop(work: Coroutine[object, object, None]) -> int:
    """The exit status of work that ended as it should."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)
    return os.EX_OK


def stop_signal() -> asyncio.Event:
    """Set by SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
