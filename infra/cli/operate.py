"""Commands for operators: read models, parked records, webhooks."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.entry import in_one_line, settings_of

projections = typer.Typer(no_args_is_help=True, help="Read models: state, rebuild, pause.")
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
    """State, position, lag and parked records of each read model."""
    from infra.cli.projection_status import show_status

    with in_one_line():
        raise typer.Exit(show_status(settings_of("projections"), as_json=as_json))


@projections.command("rebuild")
def projections_rebuild(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Projections; if none, those of a rebuild broken off, or all."),
    ] = None,
) -> None:
    """Fill new tables from the store and put them in place of the live ones, which go on meanwhile.

    Ctrl-C keeps what is done; the same command goes on with it.
    """
    from infra.cli.projections import rebuild_projections

    with in_one_line():
        raise typer.Exit(rebuild_projections(settings_of("projections"), names or []))


@projections.command("cancel")
def projections_cancel() -> None:
    """Drop the tables of a rebuild that was broken off."""
    from infra.cli.projections import cancel_rebuild

    with in_one_line():
        raise typer.Exit(cancel_rebuild(settings_of("projections")))


@projections.command("pause")
def projections_pause(name: Annotated[str, typer.Argument(help="One projection.")]) -> None:
    """Hold one read model's tables still while the others go on."""
    from infra.cli.projections import pause_projection

    with in_one_line():
        raise typer.Exit(pause_projection(settings_of("projections"), name))


@projections.command("resume")
def projections_resume(name: Annotated[str, typer.Argument(help="One projection.")]) -> None:
    """Let a paused read model catch up from the store and go on."""
    from infra.cli.projections import resume_projection

    with in_one_line():
        raise typer.Exit(resume_projection(settings_of("projections"), name))


@projections.command("adopt")
def projections_adopt() -> None:
    """Go on in another Kafka cluster or topic that carries the same facts.

    The projector reads it from its beginning and takes what is new by position.
    """
    from infra.cli.projections import adopt_log

    with in_one_line():
        raise typer.Exit(adopt_log(settings_of("projections")))


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
    compare: Annotated[
        bool, typer.Option(help="Whether all they say can be read again, field by field.")
    ] = False,
) -> None:
    """Post every Cloud API payload of a folder of JSON files, signed; say what became of each."""
    from infra.cli.feed import compare_folder, feed_folder

    if compare and url:
        raise typer.BadParameter("it needs a Blazz of its own, so there can be no --url")
    settings = settings_of("webhooks")
    raise typer.Exit(
        compare_folder(settings, folder) if compare else feed_folder(settings, folder, url)
    )
