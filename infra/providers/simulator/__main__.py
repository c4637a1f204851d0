"""`python -m infra.providers.simulator`: every option of SimulatorOptions as a flag."""

import sys

from infra.providers.simulator.flags import run
from infra.providers.simulator.main import serve
from infra.providers.simulator.options import SimulatorOptions

SUMMARY = "A WhatsApp Cloud API that never leaves this machine."

if __name__ == "__main__":
    sys.exit(run("simulator", SUMMARY, SimulatorOptions, serve))
