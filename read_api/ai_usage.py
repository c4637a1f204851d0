"""What people may ask about the assistant: how often it was asked."""

from sqlalchemy import select

from projections import ai_usage as model
from projections.ai_usage import ai_usage
from read_api.query import Endpoint, in_workspace, many

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/analytics/ai",
        "How often the assistant was asked, day by day, the latest first",
        select(ai_usage.c.day, ai_usage.c.drafts, ai_usage.c.sentiments).where(
            in_workspace(ai_usage)
        ),
        model.projection,
        ai_usage.c.day,
        permission="analytics.read",
        descending=True,
    ),
)
