"""Commands for operators: read models, parked records, webhooks."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.entry import in_one_line, settings_of

projections = typer.Typer(no_args_is_help=True, help="Read models: where they stand, rebuild.")
parked = typer.Typer(no_args_is_help=True, help="Records that could not be projected.")
webhooks = typer.Typer(no_args_is_help=True, help="Provider webhooks.")


@projections.command("digest")
def projections_digest(
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """One SHA-256 per read-model table, over its rows in key order."""
    from infra.cli.projections import show_digest

    with in_one_line():
        raise typer.Exit(show_digest(settings_of("projections"), as_json=as_json))


@projections.command("status")
def projections_status(
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
) -> None:
    """How far each read model has come, and what it set aside."""
    from infra.cli.projections import show_status

    with in_one_line():
        raise typer.Exit(show_status(settings_of("projections"), as_json=as_json))


@projections.command("rebuild")
def projections_rebuild(
    names: Annotated[list[str] | None, typer.Argument(help="Projections; all if none.")] = None,
) -> None:
    """Empty and refill read models from the store. Stop the projector first."""
    from infra.cli.projections import rebuild_projections

    with in_one_line():
        raise typer.Exit(rebuild_projections(settings_of("projections"), names or []))


@parked.command("list")
def parked_list(
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
) -> None:
    """Every record that is set aside, with its reason."""
    from infra.cli.parked import show_parked

    settings = settings_of("parked")
    with in_one_line():
        raise typer.Exit(show_parked(settings, as_json=as_json))


@parked.command("retry")
def parked_retry(
    stream: Annotated[str, typer.Option(help="Only this stream's records.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Try parked records again, once what was wrong has been put right."""
    from infra.cli.parked import retry_parked

    settings = settings_of("parked")
    with in_one_line():
        raise typer.Exit(retry_parked(settings, stream, as_json=as_json))


@webhooks.command("feed")
def webhooks_feed(
    folder: Path,
    url: Annotated[
        str, typer.Option(help="Where webhooks go; none: a throw-away Blazz in this process.")
    ] = "",
) -> None:
    """Post every Cloud API payload of a folder of JSON files, signed; say what became of each."""
    from infra.cli.feed import feed_folder

    raise typer.Exit(feed_folder(settings_of("webhooks"), folder, url))
