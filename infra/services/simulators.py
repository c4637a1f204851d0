"""The simulators of providers as services."""

import os

from infra.services.listening import bindable
from infra.settings import Settings


def simulator(settings: Settings) -> int:
    """The Cloud API simulator."""
    from infra.providers.simulator.main import serve
    from infra.providers.simulator.options import SimulatorOptions

    options = SimulatorOptions(
        webhook_url=settings.simulator_webhook_url,
        app_secret=settings.app_secrets()[0],
        seed=settings.simulator_seed,
        messages_per_second=settings.simulator_messages_per_second,
        hold_ms=settings.simulator_hold_ms,
    )
    with bindable(settings.bind, settings.simulator_port, "BLAZZ_SIMULATOR_PORT"):
        serve(options, settings.bind, settings.simulator_port)
    return os.EX_OK


def waha_simulator(settings: Settings) -> int:
    """The WAHA simulator."""
    from infra.providers.waha_simulator.main import serve
    from infra.providers.waha_simulator.options import WahaOptions

    options = WahaOptions(api_keys=(settings.waha_api_key.get_secret_value(),))
    with bindable(settings.bind, settings.waha_simulator_port, "BLAZZ_WAHA_SIMULATOR_PORT"):
        serve(options, settings.bind, settings.waha_simulator_port)
    return os.EX_OK
