"""What must be true for a template to be sent, in a campaign or as a reply.

`whose` names in the refusal what sends it, like "the campaign"; `given` what has the variables.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from domain.ids import show
from domain.kernel import Rejected
from domain.links import check_taken

MEDIA: Final = frozenset({"image", "video", "document"})
NO_FILE: Final = (
    "take a template without a file in its header, and send the file as an answer of its own"
)


def check_status(status: str, whose: str) -> None:
    """Refused unless it is approved."""
    if status != "approved":
        raise Rejected(
            "template_not_approved",
            f"{whose}'s template is {status}; only an approved one is sent",
        )


def check_number(template_account: UUID | None, account_id: UUID, whose: str) -> None:
    """Refused if it belongs to another number than it is sent from."""
    if template_account not in (None, account_id):
        raise Rejected(
            "template_of_another_number",
            f"{whose}'s template belongs to {show('account', template_account)}, but "
            f"it sends from {show('account', account_id)}; both have to be the same number",
        )


def check_file(header_kind: str, *, takes_links: bool) -> None:
    """Refused if its header is a file, which only a link can name, and the number takes none."""
    if header_kind in MEDIA:
        check_taken(takes_links=takes_links, instead=NO_FILE)


def check_header(header_kind: str, header_link: str, given: str, *, takes_links: bool) -> None:
    """Refused unless there is a link exactly where its header is a file, and it may be sent."""
    check_file(header_kind, takes_links=takes_links)
    if header_kind in MEDIA and not header_link:
        raise Rejected(
            "header_link_missing",
            f"the template's header is of kind {header_kind}; "
            f"{given} has to give the address of the file as header_link",
        )
    if header_link and header_kind not in MEDIA:
        raise Rejected(
            "header_link_unexpected",
            f"{given} has a header_link, but the template has no header of kind image, video or "
            "document; take the header_link out",
        )


def check_variables(variables: Iterable[str], texts: Iterable[str], given: str) -> None:
    """Refused unless there is a text for each of its variables, and for nothing else."""
    wanted, found = set(variables), set(texts)
    if missing := sorted(wanted - found):
        raise Rejected(
            "missing_variables",
            f"{given} has no text for the template's variables {', '.join(missing)}",
        )
    if unknown := sorted(found - wanted):
        raise Rejected(
            "unknown_variables",
            f"the template has no variables {', '.join(unknown)}; "
            f"it has {', '.join(variables) or 'none'}",
        )
