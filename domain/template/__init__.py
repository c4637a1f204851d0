"""A template is a message text that the provider must approve before it may be sent.

Submitted -> approved | rejected; approved <-> paused; either may still be rejected; disabled is
the end. Its id is derived from number, name and language, which together exist once. A rejected
one may be submitted again.
"""

from domain.template.commands import (
    ApproveTemplate,
    DisableTemplate,
    PauseTemplate,
    RegisterTemplate,
    RejectTemplate,
    ReportTemplate,
    SubmitTemplate,
    TemplateCommand,
)
from domain.template.decider import template
from domain.template.events import (
    Category,
    HeaderKind,
    TemplateApproved,
    TemplateCategoryChanged,
    TemplateDisabled,
    TemplateEvent,
    TemplatePaused,
    TemplateQualityChanged,
    TemplateRegistered,
    TemplateRejected,
    TemplateReported,
    TemplateSubmitted,
)
from domain.template.placeholders import fill, placeholders
from domain.template.state import Template

__all__ = [
    "ApproveTemplate",
    "Category",
    "DisableTemplate",
    "HeaderKind",
    "PauseTemplate",
    "RegisterTemplate",
    "RejectTemplate",
    "ReportTemplate",
    "SubmitTemplate",
    "Template",
    "TemplateApproved",
    "TemplateCategoryChanged",
    "TemplateCommand",
    "TemplateDisabled",
    "TemplateEvent",
    "TemplatePaused",
    "TemplateQualityChanged",
    "TemplateRegistered",
    "TemplateRejected",
    "TemplateReported",
    "TemplateSubmitted",
    "fill",
    "placeholders",
    "template",
]
