"""The providers of an installation, made from its settings."""

from infra.providers.cloud_api import CloudApi
from infra.providers.routed import Routed
from infra.providers.waha import Hook, Waha
from infra.settings import Settings


def whatever(settings: Settings) -> Routed:
    """All of them as one: each message goes through its number's own."""
    return Routed({"cloud_api": lambda: cloud_api(settings), "waha": lambda: waha(settings)})


def cloud_api(settings: Settings) -> CloudApi:
    return CloudApi(settings.whatsapp_url, settings.whatsapp_token.get_secret_value())


def waha(settings: Settings) -> Waha:
    """Its sessions are told to sign with the first of the keys."""
    hook = Hook(settings.waha_webhook_url, settings.waha_hmac_keys()[0])
    return Waha(settings.waha_url, settings.waha_api_key.get_secret_value(), hook)
