"""Logs: structlog for ours, the standard library's loggers bridged to the same lines."""

import logging
import sys
import threading
from collections.abc import Iterable
from typing import Any

import orjson
import structlog

from infra.redaction import Redaction


def _json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def set_up(style: str, level: str, service: str, secrets: Iterable[str] = ()) -> None:
    """One line an event on standard error, as JSON or readable, with the service that says it.

    Fields come from context variables (a request's) and from `extra` of the standard library's
    loggers, which is how the layers within say theirs.
    """
    as_json = style == "json" or (style == "auto" and not sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _Origin(service),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            Redaction(secrets),
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("aiokafka", "faust", "mode", "uvicorn", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class _Origin:
    """Says which service speaks, and which of its threads if it is not the main one. A context
    variable would not do: threads begin with none.
    """

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _logger: object, _method: str, event: Any) -> Any:
        event["service"] = self._service
        thread = threading.current_thread()
        if thread is not threading.main_thread():
            event["thread"] = thread.name
        return event
