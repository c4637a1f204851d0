"""What a template may contain; the limits are the provider's."""

import re
from typing import Final

from domain.kernel import Rejected
from domain.template.commands import SubmitTemplate
from domain.template.events import TemplateSubmitted
from domain.template.placeholders import placeholders, variables
from domain.template.usage import check_file

NAME: Final = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
BODY_LENGTH: Final = 1024
HEADER_LENGTH: Final = 60
FOOTER_LENGTH: Final = 60
BUTTONS: Final = 10
BUTTON_LENGTH: Final = 25


def submission(command: SubmitTemplate) -> TemplateSubmitted:
    """The fact of that submission. Rejected says which part of the template is wrong."""
    _check_text(command)
    _check_header(command)
    _check_buttons(command)
    header = command.header if command.header_kind == "text" else ""
    return TemplateSubmitted(
        workspace_id=command.workspace_id,
        template_id=command.template_id,
        account_id=command.account_id,
        name=command.name,
        language=command.language,
        category=command.category,
        body=command.body,
        header_kind=command.header_kind,
        header=command.header,
        footer=command.footer,
        buttons=command.buttons,
        variables=variables(header, command.body),
    )


def _check_text(command: SubmitTemplate) -> None:
    if not NAME.fullmatch(command.name):
        raise Rejected(
            "invalid_name",
            "the name of a template has 1 to 512 small letters, digits and underscores; "
            f"this is {command.name!r}",
        )
    if not LANGUAGE.fullmatch(command.language):
        raise Rejected(
            "invalid_language",
            f"a language is a code like id or pt_BR; this is {command.language!r}",
        )
    if not command.body.strip() or len(command.body) > BODY_LENGTH:
        raise Rejected(
            "invalid_body",
            f"a body has 1 to {BODY_LENGTH} characters and is not blank; "
            f"this has {len(command.body)}",
        )
    if len(command.footer) > FOOTER_LENGTH or placeholders(command.footer):
        raise Rejected(
            "invalid_footer",
            f"a footer has at most {FOOTER_LENGTH} characters and no variables; "
            f"this is {command.footer!r}",
        )


def _check_header(command: SubmitTemplate) -> None:
    check_file(command.header_kind, takes_links=command.takes_links)
    if command.header_kind == "text":
        fits = command.header.strip() and len(command.header) <= HEADER_LENGTH
        if not fits or len(placeholders(command.header)) > 1:
            raise Rejected(
                "invalid_header",
                f"a text header has 1 to {HEADER_LENGTH} characters, is not blank and has at most "
                f"one variable; this is {command.header!r}",
            )
    elif not command.header_kind and command.header:
        raise Rejected(
            "invalid_header",
            f"a header needs a header_kind; there is none, but the header is {command.header!r}",
        )


def _check_buttons(command: SubmitTemplate) -> None:
    fit = all(button.strip() and len(button) <= BUTTON_LENGTH for button in command.buttons)
    if fit and len(set(command.buttons)) == len(command.buttons) <= BUTTONS:
        return
    raise Rejected(
        "invalid_buttons",
        f"a template has at most {BUTTONS} buttons with different texts of 1 to {BUTTON_LENGTH} "
        f"characters; these are {', '.join(map(repr, command.buttons))}",
    )
