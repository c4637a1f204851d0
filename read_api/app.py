"""All routes of the read API."""

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import Route

from read_api import analytics, campaigns, contacts, imports, workspace
from read_api.reader import Reader


def routes(engine: AsyncEngine, secret: bytes, partitions: int) -> list[Route]:
    """The read API over one database; `secret` seals cursors; `partitions` as in the log."""
    reader = Reader(engine, secret, partitions)
    endpoints = (
        *contacts.ENDPOINTS,
        *campaigns.ENDPOINTS,
        *workspace.ENDPOINTS,
        *imports.ENDPOINTS,
    )
    return [
        *(reader.route(endpoint) for endpoint in endpoints),
        analytics.daily(reader),
        imports.rows_csv(reader),
    ]
