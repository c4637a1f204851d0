"""botocore's client of S3, with what it is given here and nothing else.

By itself it would look for keys, addresses and proxies in the environment, in files at home, and
at the machine it runs on.
"""

import ssl
from typing import Any, Final, NamedTuple

from botocore.config import Config
from botocore.configprovider import ConfigValueStore, ConstantProvider
from botocore.session import Session

AT_ONCE: Final = 16
CONFIG: Final = Config(
    signature_version="s3v4",
    connect_timeout=10,
    read_timeout=30,
    max_pool_connections=AT_ONCE,
    # Services of this kind are busy now and then, and want to be asked again.
    retries={"mode": "standard", "total_max_attempts": 3},
    proxies={},
    # The sum goes along signed, and over TLS, too; the newer checksums not every service knows.
    s3={"addressing_style": "path", "payload_signing_enabled": True},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class Access(NamedTuple):
    endpoint: str
    region: str
    key_id: str
    secret: str


def client(access: Access) -> Any:
    """May be used by several threads at once."""
    session = Session()
    session.register_component("config_store", ConfigValueStore(_defaults()))
    return session.create_client(
        "s3",
        access.region,
        endpoint_url=access.endpoint,
        aws_access_key_id=access.key_id,
        aws_secret_access_key=access.secret,
        verify=ssl.get_default_verify_paths().cafile or True,
        config=CONFIG,
    )


def _defaults() -> dict[str, ConstantProvider]:
    named = {name: default for name, (_, _, default, *_) in Session.SESSION_VARIABLES.items()}
    named |= {"config_file": None, "credentials_file": None}
    return {name: ConstantProvider(value) for name, value in named.items()}
