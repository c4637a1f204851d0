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
    SubmitTemplate,
    TemplateCommand,
)
from domain.template.decider import Template, template
from domain.template.events import (
    Category,
    HeaderKind,
    TemplateApproved,
    TemplateDisabled,
    TemplateEvent,
    TemplatePaused,
    TemplateRegistered,
    TemplateRejected,
    TemplateSubmitted,
)
from domain.template.placeholders import fill, placeholders

__all__ = [
    "ApproveTemplate",
    "Category",
    "DisableTemplate",
    "HeaderKind",
    "PauseTemplate",
    "RegisterTemplate",
    "RejectTemplate",
    "SubmitTemplate",
    "Template",
    "TemplateApproved",
    "TemplateCommand",
    "TemplateDisabled",
    "TemplateEvent",
    "TemplatePaused",
    "TemplateRegistered",
    "TemplateRejected",
    "TemplateSubmitted",
    "fill",
    "placeholders",
    "template",
]
