"""`python -m infra.providers.waha_simulator`: every option of WahaOptions as a flag."""

import sys

from infra.providers.simulator.flags import run
from infra.providers.waha_simulator.main import serve
from infra.providers.waha_simulator.options import WahaOptions

SUMMARY = "A WAHA that never leaves this machine."

if __name__ == "__main__":
    sys.exit(run("waha simulator", SUMMARY, WahaOptions, serve))
