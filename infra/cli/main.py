"""The `blazz` command. Commands load what they need when they run: help is quick."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.companies import workspaces
from infra.cli.entry import in_one_line, settings_of
from infra.cli.operate import parked, projections, webhooks

if TYPE_CHECKING:
    from infra.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(workspaces, name="workspace")
app.add_typer(projections, name="projections")
app.add_typer(parked, name="parked")
app.add_typer(webhooks, name="webhooks")

_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.callback()
def blazz() -> None:
    """Event-sourced messaging platform: campaigns over WhatsApp for many companies."""


def _service(name: str, summary: str) -> None:
    def serve() -> None:
        settings = settings_of(name)
        from infra.services import run, simulators

        module = simulators if name.endswith("simulator") else run
        work: Callable[[Settings], int] = getattr(module, name.replace("-", "_"))
        with in_one_line():
            raise typer.Exit(work(settings))

    app.command(name, help=summary)(serve)


for _name, _summary in (
    ("command-api", "Serve the command API and the webhooks."),
    ("read-api", "Serve the read API."),
    ("relay", "Carry facts from the store to Kafka."),
    ("projector", "Keep the read models up to date from Kafka."),
    ("sender", "Send what is queued."),
    ("policies", "React to facts: audiences, schedules, webhooks."),
    ("simulator", "Serve a WhatsApp Cloud API simulator."),
    ("waha-simulator", "Serve a WAHA simulator, for numbers linked as WhatsApp Web."),
):
    _service(_name, _summary)


@app.command()
def demo(
    check: Annotated[
        bool, typer.Option("--check", help="Compare with the simulator's ledger, then end.")
    ] = False,
    contacts: Annotated[
        Path | None, typer.Option(help="Your own CSV file instead of the one that ships.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of both APIs; 0 takes a free one.")
    ] = 0,
) -> None:
    """Run a real campaign on this machine: no server, nothing to install, nothing left behind."""
    from infra.cli.demo import demo as run_demo

    os.environ.setdefault("BLAZZ_LOG_LEVEL", "warning")
    settings_of("demo")
    raise typer.Exit(run_demo(check, contacts, port))


@app.command()
def up() -> None:
    """Run every service on this machine against the configured servers."""
    from infra.cli.up import up as run_up

    with in_one_line():
        raise typer.Exit(run_up(settings_of("up")))


@app.command()
def migrate() -> None:
    """Bring both databases to what this version needs. Safe to repeat, safe side by side."""
    settings = settings_of("migrate")
    from infra.services.parts import migrate as run_migrations

    with in_one_line():
        run_migrations(settings)


@app.command()
def doctor(
    probe: Annotated[
        str, typer.Option(help="Only ask this address, and say by the exit status if it is well.")
    ] = "",
) -> None:
    """Say what is wrong with this installation, and how to mend it."""
    from infra.cli.doctor import examine
    from infra.cli.doctor import probe as ask

    raise typer.Exit(ask(probe) if probe else examine(settings_of("doctor")))


@app.command("test", context_settings=_PASSED_ON)
def run_suite(
    context: typer.Context,
    fast: bool = typer.Option(False, "--fast", help="SQLite only: leave the server tests out."),
) -> None:
    """Run the test suite against real MySQL and Kafka; other arguments go to pytest."""
    from infra.cli.test import run_tests

    raise typer.Exit(run_tests(fast, context.args))


@app.command("bench", context_settings=_PASSED_ON | {"help_option_names": []})
def run_bench(context: typer.Context) -> None:
    """Take the measurements: figures beside their floors. `blazz bench --help` says more."""
    from infra.cli.bench import run_benches

    raise typer.Exit(run_benches(context.args))


@app.command("chaos")
def run_chaos(
    seed: Annotated[str, typer.Option(help="A number, or a range like 1..20.")] = "1",
    minutes: Annotated[float, typer.Option(min=0, help="How long to go on breaking things.")] = 0.5,
    recipients: Annotated[
        int, typer.Option(min=3, help="Of the campaigns, each half minute.")
    ] = 1200,
    steps: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object a seed.")] = False,
) -> None:
    """Kill, stop and double services and servers while campaigns run; say if anything was lost."""
    from infra.cli.chaos import Wanted
    from infra.cli.chaos import run_chaos as run_seeds

    raise typer.Exit(run_seeds(Wanted(seed, minutes, recipients, steps, as_json)))


@app.command("check")
def run_checks() -> None:
    """Check format, lint, types, layers and shell scripts."""
    from infra.cli.check import run_check

    raise typer.Exit(run_check())


def run() -> None:
    """The console script."""
    app(prog_name="blazz")


if __name__ == "__main__":
    run()
