"""Commands on templates: a text is submitted for review; the provider decides about it."""

from typing import Final

from commands.bodies import NewTemplate
from commands.command import Command, Intent, Wanted
from commands.references import known
from commands.streams import Ask
from domain.account import account
from domain.ids import name_id
from domain.template import SubmitTemplate, template


def _submit_template(wanted: Wanted) -> Intent:
    body: NewTemplate = wanted.body
    [number] = known(wanted, [(account, "account", body.account_id, "/account_id")])
    id_ = name_id(body.account_id, "template", f"{body.name}:{body.language}")
    command = SubmitTemplate(
        workspace_id=wanted.workspace_id,
        template_id=id_,
        takes_links=number.takes_links,
        **body.model_dump(),
    )
    return Intent("template", id_, [Ask(template, id_, command)])


COMMANDS: Final = (
    Command(
        "POST",
        "/v1/templates",
        "Submit a template for review",
        _submit_template,
        "templates.write",
        body=NewTemplate,
        status=201,
    ),
)
