"""Which page of another origin may ask: the inbox page, where the APIs are on different ports."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp


def asked_from(app: ASGIApp, origin: str) -> ASGIApp:
    """The application, answering browsers that show a page of this origin. No cookies are meant."""
    return CORSMiddleware(
        app,
        allow_origins=[origin],
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match"],
        expose_headers=["Blazz-Position", "ETag", "Location", "Request-Id", "Retry-After"],
        max_age=600,
    )
