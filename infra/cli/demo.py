"""`blazz demo`: a real campaign on this machine, without any server to install."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.cli import supervisor
from infra.servers.find import free_port
from infra.services.listening import CannotListen, bindable
from infra.settings import Settings, settings_in

TERMINATED = 143
ROOT = Path(__file__).parents[2]
CONTACTS = ROOT / "infra" / "demo" / "contacts.csv"
HANDED_ON = (
    "simulator_port", "simulator_webhook_url", "simulator_hold_ms",
)  # fmt: skip


def demo(check: bool, contacts: Path | None, port: int) -> int:
    """Exit status: 0, or 1 if with `check` the figures do not agree with the ledger."""
    path = contacts or CONTACTS
    try:
        content = path.read_bytes()
    except OSError as error:
        sys.stderr.write(f"--contacts {path}: {error.strerror}; give a readable CSV file\n")
        return os.EX_USAGE
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    with tempfile.TemporaryDirectory(prefix="blazz-demo-") as folder:
        settings = settings_in(Path(folder), port or free_port(), free_port())
        environment = {f"BLAZZ_{name.upper()}": str(getattr(settings, name)) for name in HANDED_ON}
        urls = [settings.store_url, settings.read_url]
        migrating = subprocess.Popen([sys.executable, "-m", "infra.migrate", *urls], cwd=ROOT)
        children = [migrating, supervisor.start(["simulator"], environment)]
        try:
            return _shown(settings, content, path.name, check, migrating)
        finally:
            for child in children:  # they have nothing to lose
                supervisor.stop(child, grace_s=0)


def _shown(
    settings: Settings, content: bytes, filename: str, check: bool, migrating: supervisor.Child
) -> int:
    """Loads the rest while the children get ready."""
    import uvloop

    from infra.demo.client import ApiRefused
    from infra.demo.run import Stopped
    from infra.demo.show import INTERRUPTED, show

    if status := migrating.wait():
        return status
    try:
        with (
            bindable(settings.bind, settings.command_port, "--port"),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            return runner.run(show(settings, content, filename, check))
    except (ApiRefused, CannotListen, Stopped, TimeoutError) as error:
        sys.stderr.write(f"the demo stopped: {error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
