"""Templates with their review, and the work of handing new ones to the provider."""

from typing import Any

from sqlalchemy import Index

from domain.kernel import Recorded
from domain.template import (
    TemplateApproved,
    TemplateCategoryChanged,
    TemplateDisabled,
    TemplateEvent,
    TemplatePaused,
    TemplateQualityChanged,
    TemplateRegistered,
    TemplateRejected,
    TemplateSubmitted,
)
from projections.columns import canonical, instant, key, link, long_text, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, drop, put

templates = read_model(
    "templates",
    key("workspace_id"),
    key("template_id"),
    link("account_id"),
    text("name", 512),
    text("language", 35),
    text("category", 16),
    long_text("body"),
    text("header_kind", 16),
    long_text("header"),
    text("footer"),
    long_text("buttons"),
    long_text("variables"),
    text("status", 16),
    text("quality", 16),
    long_text("reason"),
    text("provider_template_id", 128),
    instant("created_at"),
    number("version"),
    # A webhook names the provider's id before the workspace is known.
    Index("ix_templates_provider_template_id", "provider_template_id"),
)

template_submissions = read_model(
    "template_submissions",
    key("workspace_id"),
    key("template_id"),
    link("account_id"),
    instant("submitted_at"),
)

projection = Projection("templates", templates, template_submissions)


def _template(event: TemplateEvent, recorded: Recorded, **columns: Any) -> Row:
    return put(
        templates,
        workspace_id=event.workspace_id,
        template_id=event.template_id,
        version=recorded.version,
        **columns,
    )


def _reviewed(event: TemplateEvent, recorded: Recorded, **columns: Any) -> list[Row]:
    """The provider knows it: nothing is left to hand in."""
    return [
        _template(event, recorded, **columns),
        drop(
            template_submissions,
            workspace_id=event.workspace_id,
            template_id=event.template_id,
        ),
    ]


@projection.on
def submitted(event: TemplateSubmitted, recorded: Recorded) -> list[Row]:
    rows = [
        _template(
            event,
            recorded,
            account_id=event.account_id,
            name=event.name,
            language=event.language,
            category=event.category,
            body=event.body,
            header_kind=event.header_kind,
            header=event.header,
            footer=event.footer,
            buttons=canonical(event.buttons),
            variables=canonical(event.variables),
            status="submitted",
            reason=None,
            provider_template_id="",
        ),
        put(
            template_submissions,
            workspace_id=event.workspace_id,
            template_id=event.template_id,
            account_id=event.account_id,
            submitted_at=recorded.recorded_at,
        ),
    ]
    if recorded.version == 1:  # submitted again after a rejection keeps its birthday
        rows.append(_template(event, recorded, created_at=recorded.recorded_at))
    return rows


@projection.on
def registered(event: TemplateRegistered, recorded: Recorded) -> list[Row]:
    return _reviewed(event, recorded, provider_template_id=event.provider_template_id)


@projection.on
def approved(event: TemplateApproved, recorded: Recorded) -> list[Row]:
    return _reviewed(event, recorded, status="approved", reason=None)


@projection.on
def rejected(event: TemplateRejected, recorded: Recorded) -> list[Row]:
    return _reviewed(event, recorded, status="rejected", reason=event.reason)


@projection.on
def paused(event: TemplatePaused, recorded: Recorded) -> list[Row]:
    return _reviewed(event, recorded, status="paused", reason=event.reason)


@projection.on
def disabled(event: TemplateDisabled, recorded: Recorded) -> list[Row]:
    return _reviewed(event, recorded, status="disabled", reason=event.reason)


@projection.on
def rated(event: TemplateQualityChanged, recorded: Recorded) -> Row:
    return _template(event, recorded, quality=event.quality)


@projection.on
def filed(event: TemplateCategoryChanged, recorded: Recorded) -> Row:
    return _template(event, recorded, category=event.category)
