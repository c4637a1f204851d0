"""An installation in a folder, in this process, for as long as somebody needs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from infra.embedded import Embedded
from infra.servers.find import free_port
from infra.services.parts import migrate
from infra.settings import settings_in


class ThrownAway(NamedTuple):
    embedded: Embedded
    url: str
    """Of both APIs, without a path."""


@asynccontextmanager
async def thrown_away(place: Path) -> AsyncIterator[ThrownAway]:
    """Migrated and serving within the block."""
    settings = settings_in(place, free_port(), free_port())
    migrate(settings)
    embedded = Embedded(settings)
    async with embedded.serving():
        yield ThrownAway(embedded, f"http://127.0.0.1:{settings.command_port}")
