"""All routes of the read API."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import Route

from domain.file_storage import FileStorage
from domain.rule import Search
from read_api import (
    ai_usage,
    analytics,
    calls,
    campaigns,
    chat_analytics,
    contacts,
    conversations,
    files,
    imports,
    inbox,
    message_search,
    notifications,
    number_sessions,
    people,
    reports,
    rules,
    teams,
    transcript_files,
    transcripts,
    workspace,
)
from read_api.live.stream import Live
from read_api.lookout import Ear
from read_api.reader import Reader


def routes(
    engine: AsyncEngine,
    secret: bytes,
    partitions: int,
    search: Search,
    storage: FileStorage,
    ear: Callable[[], Ear] | None = None,
) -> list[Route]:
    """The read API over one database; `secret` seals cursors; `partitions` as in the log.

    `search` reads the patterns of rules, `storage` has the bytes of files, an `ear` hears of commits.
    """
    reader = Reader(engine, secret, partitions, ear() if ear else None)
    endpoints = (
        *message_search.ENDPOINTS,  # before the message whose id would be `search`
        *contacts.ENDPOINTS,
        *campaigns.ENDPOINTS,
        *workspace.ENDPOINTS,
        *number_sessions.ENDPOINTS,
        *imports.ENDPOINTS,
        *notifications.ENDPOINTS,
        *reports.ENDPOINTS,
        *conversations.ENDPOINTS,
        *transcripts.ENDPOINTS,
        *people.ENDPOINTS,
        *inbox.ENDPOINTS,
        *calls.ENDPOINTS,
        *teams.ENDPOINTS,
        *rules.ENDPOINTS,
        *ai_usage.ENDPOINTS,
    )
    return [
        *(reader.route(endpoint) for endpoint in endpoints),
        analytics.daily(reader),
        chat_analytics.chat(reader),
        imports.rows_csv(reader),
        people.me(reader),
        rules.dry_run(reader, search),
        transcript_files.transcript_file(reader),
        files.file(reader, storage),
        *Live(engine, reader.source, partitions, ear() if ear else None).routes(),
    ]
