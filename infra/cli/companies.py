"""`blazz workspace`: companies and their keys, as operators type it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.entry import in_one_line, leave, settings_of

if TYPE_CHECKING:
    from infra.services.parts import ReadSide, WriteSide

LONGEST_DAYS = 3650

workspaces = typer.Typer(no_args_is_help=True, help="Companies and their API keys.")


@contextmanager
def _sides() -> Iterator[tuple["WriteSide", "ReadSide"]]:
    """Both databases; what a rule refuses ends the command in one line."""
    from domain.kernel import Rejected
    from infra.services.parts import ReadSide, WriteSide

    settings = settings_of("workspace")
    try:
        with in_one_line():
            yield WriteSide(settings), ReadSide(settings)
    except Rejected as error:
        leave(1, error)


@workspaces.command("create")
def workspace_create(
    name: str,
    time_zone: Annotated[str, typer.Option(help="IANA name; cuts the company's days.")] = "UTC",
    country: Annotated[str, typer.Option(help="National phone numbers are this one's.")] = "ID",
    language: Annotated[str, typer.Option(help="Two letters.")] = "en",
) -> None:
    """Make a company."""
    from domain.ids import show
    from infra.cli.workspace import create

    with _sides() as (write, _):
        made = create(write.store, name, time_zone, country, language)
    sys.stdout.write(f"{show('workspace', made)}\n")


@workspaces.command("list")
def workspace_list() -> None:
    """Every company, as the read models know it."""
    from infra.cli.listing import show_workspaces

    with _sides() as (_, read):
        show_workspaces(read.engine)


@workspaces.command("set")
def workspace_set(
    name: str,
    new_name: Annotated[str | None, typer.Option("--name", help="Its name from now on.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA name.")] = None,
    quiet_hours: Annotated[
        str | None, typer.Option(help="When no campaign sends, like 21:00-08:00; off.")
    ] = None,
) -> None:
    """Change a company."""
    from infra.cli.workspace import change, find

    if new_name is None and time_zone is None and quiet_hours is None:
        leave(2, "nothing to change: give --name, --time-zone or --quiet-hours")
    with _sides() as (write, read):
        at = find(write.store, read.engine, name)
        change(write.store, at, new_name, time_zone, quiet_hours)


@workspaces.command("invite")
def workspace_invite(
    name: str,
    email: str,
    role: Annotated[str, typer.Option(help="owner, admin, agent, analyst or auditor.")] = "owner",
) -> None:
    """Invite a person into the company of that name; hand them the token that is shown.

    The first owner comes in like this. Asked again, it shows the same token while it is good.
    """
    from infra.cli.inviting import invite
    from infra.cli.workspace import find

    with _sides() as (write, read):
        at = find(write.store, read.engine, name)
        token = invite(write.store, write.seals, at, email, role)
    sys.stdout.write(f"{token}\n")


@workspaces.command("key")
def workspace_key(
    name: str,
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write, send, manage; all if none.")
    ] = None,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "made by an operator",
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=LONGEST_DAYS, help="Days it is good for.")
    ] = None,
) -> None:
    """Make an API key for the company of that name. It is shown this once."""
    from domain.access import SCOPES
    from infra.cli.workspace import check_scopes, find, issue_key

    with _sides() as (write, read):
        scopes = tuple(scope or SCOPES)
        check_scopes(scopes)
        at = find(write.store, read.engine, name)
        made = issue_key(write.store, name, scopes, label, id_=at, days=expires_days)
    sys.stdout.write(f"{made}\n")


@workspaces.command("keys")
def workspace_keys(name: str) -> None:
    """The company's keys: id, what for, scopes, since when, until when. Never the key itself."""
    from infra.cli.listing import show_keys
    from infra.cli.workspace import find

    with _sides() as (write, read):
        show_keys(write.store, find(write.store, read.engine, name))


@workspaces.command("revoke")
def workspace_revoke(name: str, key_id: str) -> None:
    """Close a key for good; `blazz workspace keys` shows their ids."""
    from infra.cli.workspace import find, revoke_key

    with _sides() as (write, read):
        revoke_key(write.store, find(write.store, read.engine, name), key_id)
