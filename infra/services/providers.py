"""The providers of an installation, made from its settings."""

from typing import Any, Final

from infra.providers.cloud_api import CloudApi
from infra.providers.cloud_api_files import CloudApiFiles
from infra.providers.files import ProviderFiles
from infra.providers.routed import Routed
from infra.providers.waha import Hook, Waha
from infra.providers.waha_files import WahaFiles
from infra.settings import Settings

AT_ONCE_S: Final = 3.0
"""What is worth nothing later is not waited for any longer."""


def whatever(settings: Settings) -> Routed:
    """All of them as one: each message goes through its number's own."""
    return Routed({"cloud_api": lambda: cloud_api(settings), "waha": lambda: waha(settings)})


def soon(settings: Settings) -> Routed:
    """The same, for read receipts and for showing that somebody types."""
    patience = {"timeout_s": AT_ONCE_S}
    return Routed(
        {
            "cloud_api": lambda: cloud_api(settings, **patience),
            "waha": lambda: waha(settings, **patience),
        }
    )


def cloud_api(settings: Settings, **more: Any) -> CloudApi:
    return CloudApi(settings.whatsapp_url, settings.whatsapp_token.get_secret_value(), **more)


def waha(settings: Settings, **more: Any) -> Waha:
    """Its sessions are told to sign with the first of the keys."""
    hook = Hook(settings.waha_webhook_url, settings.waha_hmac_keys()[0])
    return Waha(settings.waha_url, settings.waha_api_key.get_secret_value(), hook, **more)


def provider_files(settings: Settings) -> ProviderFiles:
    """Files that customers sent, wherever they are."""
    return ProviderFiles(
        {
            "cloud_api": lambda: CloudApiFiles(
                settings.whatsapp_url, settings.whatsapp_token.get_secret_value()
            ),
            "waha": lambda: WahaFiles(settings.waha_url, settings.waha_api_key.get_secret_value()),
        }
    )
