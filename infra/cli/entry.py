"""What every command does first: settings, logging, staying with its parent."""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from infra.settings import Settings

CONFIGURATION_WRONG = 3
OBJECTS_A_COLLECTION = 20_000
STARTED = time.monotonic()
"""About when the process began: what takes longest to import comes after."""


def leave(status: int, words: object) -> NoReturn:
    """Say it on standard error and end."""
    sys.stderr.write(f"{words}\n")
    raise typer.Exit(status)


def settings_of(service: str) -> "Settings":
    """The settings, with logging set up by them; a wrong one ends the process with 3."""
    from infra.chaos.marks import MarkUnknown, arm
    from infra.cli.supervisor import stay_with_parent
    from infra.settings import SettingsWrong, load
    from infra.telemetry import set_up

    stay_with_parent()
    # Batches of short-lived objects set the collector off at every turn by its defaults.
    gc.set_threshold(OBJECTS_A_COLLECTION, 20, 50)
    try:
        settings = load()
        arm()
    except (SettingsWrong, MarkUnknown) as error:
        leave(CONFIGURATION_WRONG, error)
    set_up(settings.log, settings.log_level, service, settings.secrets())
    return settings


@contextmanager
def in_one_line() -> Iterator[None]:
    """What an operator has to mend, without a traceback: 3 asks for a change, 1 may pass."""
    from infra.database import WrongUrl
    from infra.log.topic import TopicMismatch
    from infra.schema import MonthsNotMade
    from infra.services.listening import CannotListen
    from infra.services.parts import DatabaseAway, SchemaBehind

    try:
        yield
    except (SchemaBehind, MonthsNotMade, WrongUrl, TopicMismatch, CannotListen) as error:
        leave(CONFIGURATION_WRONG, error)
    except DatabaseAway as error:
        leave(1, error)
