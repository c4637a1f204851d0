"""`blazz up`: every service as a process of its own on this machine, under one supervisor."""

import sys

from infra.cli.supervisor import Supervised, supervise
from infra.services.parts import migrate
from infra.settings import Settings

SERVICES = ("command-api", "relay", "projector", "read-api", "policies", "sender")


def up(settings: Settings) -> int:
    """Migrate, then run until SIGTERM or Ctrl-C. The simulator comes along unless an API is named."""
    migrate(settings)
    names = list(SERVICES)
    if "whatsapp_url" not in settings.model_fields_set:
        names.insert(0, "simulator")
    return supervise([Supervised(name, [name]) for name in names], _say)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
