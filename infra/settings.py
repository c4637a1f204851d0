"""Settings: `BLAZZ_*` variables, read once into one value.

A wrong one is named in one line; a variable that only looks like one of ours is refused too,
because a misspelt setting that is silently ignored costs a day.
"""

import difflib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.setting_kinds import FilesUrl, HttpUrl, Origin, Port, Secret, Token, Topic, Url

PREFIX = "BLAZZ_"
NOT_SETTINGS = {
    "BLAZZ_CACHE",
    "BLAZZ_GOLDEN",
    "BLAZZ_KILL_AT",
    "BLAZZ_PARENT",
    "BLAZZ_TEST_EXAMPLES",
    "BLAZZ_TEST_MYSQL_URL",
    "BLAZZ_TEST_KAFKA",
    "BLAZZ_TEST_FAST",
}
"""Variables of the tooling around the services, which are no settings of theirs."""


class SettingsWrong(Exception):
    """One line: which variable, what is wrong with it."""


def _here(port: str, path: str = "") -> Callable[[dict[str, Any]], str]:
    """A default: that port of this machine."""
    return lambda known: f"http://127.0.0.1:{known[port]}{path}"


class Settings(BaseSettings):
    """Every setting with its default. Names in the environment are upper case with `BLAZZ_`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    store_url: Url = "mysql+pymysql://root@127.0.0.1:3306/blazz_store"
    """Database of the event store."""
    read_url: Url = "mysql+pymysql://root@127.0.0.1:3306/blazz_read"
    """Database of the read models."""
    kafka: str = "127.0.0.1:9092"
    """Kafka bootstrap servers."""
    topic: Topic = "blazz.events.v1"
    """Topic of the event log."""
    bind: str = "127.0.0.1"
    """Address the HTTP services listen on."""
    command_port: Port = 8080
    """Port of the command API."""
    read_port: Port = 8081
    """Port of the read API."""
    command_origin: Origin = Field(default_factory=_here("command_port"))
    """Where browsers reach the command API: the inbox page asks it there."""
    inbox_origin: Origin = Field(default_factory=_here("read_port"))
    """Where browsers reach the read API: pages from there, and no others, may ask the command API."""
    simulator_port: Port = 8090
    """Port of the Cloud API simulator."""
    relay_port: Port = 8082
    """Port on which the relay tells operators how it is."""
    projector_port: Port = 8083
    """The same of the projector."""
    sender_port: Port = 8084
    """The same of the sender."""
    policies_port: Port = 8085
    """The same of the policies."""
    simulator_webhook_url: HttpUrl = Field(
        default_factory=_here("command_port", "/webhooks/whatsapp")
    )
    """Where the simulator posts its webhooks. The default is the command API on this machine."""
    simulator_seed: int = 1
    """Seed of the simulator's outcomes."""
    simulator_messages_per_second: Annotated[float, Field(ge=0)] = 1000.0
    """Throughput of each simulated number; 0: unlimited."""
    simulator_hold_ms: Annotated[int, Field(ge=0, le=600_000)] = 30_000
    """How long the simulator leaves a sender without the answer it never gives (…0500)."""
    whatsapp_url: HttpUrl = Field(default_factory=_here("simulator_port", "/v23.0"))
    """Base address of the Cloud API, version included. The default is the simulator here."""
    whatsapp_token: Token = SecretStr("simulator-token")
    """Bearer token for the Cloud API."""
    whatsapp_app_secret: Secret = SecretStr("simulator-app-secret")
    """Signs the webhooks; several, separated by commas, while one is being replaced."""
    whatsapp_verify_token: Secret = SecretStr("simulator-verify-token")
    """Answers the webhook handshake."""
    waha_simulator_port: Port = 8091
    """Port of the WAHA simulator."""
    waha_url: HttpUrl = Field(default_factory=_here("waha_simulator_port"))
    """Base address of WAHA, without `/api`. The default is the WAHA simulator on this machine."""
    waha_api_key: Token = SecretStr("waha-simulator-key")
    """`X-Api-Key` for WAHA."""
    waha_hmac_key: Secret = SecretStr("waha-simulator-hmac-key")
    """Signs WAHA's webhooks; several, separated by commas, while one is being replaced."""
    waha_webhook_url: HttpUrl = Field(default_factory=_here("command_port", "/webhooks/waha"))
    """Where WAHA is told to post its webhooks. The default is the command API on this machine."""
    unresolved_after_s: Annotated[float, Field(ge=1)] = 60.0
    """Until an attempt without a stored outcome is unknown; below 30, some are only on their way."""
    parked_per_minute: Annotated[int, Field(ge=1)] = 100
    """Records a read model may set aside in a minute; one more, and the projector halts."""
    ai_calls_per_day: Annotated[int, Field(ge=0)] = 0
    """Suggestions that a workspace may have the assistant make in a day; 0: none."""
    files_dir: Path = Path(".blazz/files")
    """Folder of the bytes of files; APIs, policies and sender need the same one."""
    files_url: FilesUrl = ""
    """A bucket for them instead, like s3://bucket/prefix?region=R or …?region=R&endpoint=URL."""
    files_key_id: str = ""
    """Access key id for that bucket."""
    files_secret_key: SecretStr = SecretStr("")
    """The secret key that belongs to it."""
    secret: Secret = SecretStr("only-for-this-machine")
    """Seals access tokens, invitations and paging cursors; another one signs everybody out."""
    log: Literal["auto", "json", "text"] = "auto"
    """Log lines as JSON or readable; auto: readable on a terminal."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is logged."""

    def app_secrets(self) -> tuple[str, ...]:
        """The secrets that a webhook may be signed with; the first is the one in use."""
        return _listed(self.whatsapp_app_secret)

    def waha_hmac_keys(self) -> tuple[str, ...]:
        """The same for webhooks of WAHA."""
        return _listed(self.waha_hmac_key)

    def secrets(self) -> list[str]:
        """Every value that must not be seen."""
        whole = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        return [*filter(None, whole), *self.app_secrets(), *self.waha_hmac_keys()]

    def commands_elsewhere(self) -> str:
        """The command API's origin, if it is not the inbox page's own."""
        return "" if self.command_origin == self.inbox_origin else self.command_origin

    def inbox_elsewhere(self) -> str:
        """The inbox page's origin, if it is not the command API's own."""
        return "" if self.command_origin == self.inbox_origin else self.inbox_origin

    def cloud_api_simulated(self) -> bool:
        """Whether a simulator stands for it: the Cloud API itself is reached by https only."""
        return self.whatsapp_url.startswith("http://")

    def waha_simulated(self) -> bool:
        """The same of WAHA, which may stand beside us: its simulator has a port of its own."""
        found = urlsplit(self.waha_url)
        return found.scheme == "http" and found.port == self.waha_simulator_port


def _listed(secrets: SecretStr) -> tuple[str, ...]:
    given = secrets.get_secret_value().split(",")
    return tuple(secret.strip() for secret in given if secret.strip())


def load() -> Settings:
    """The settings of this process. SettingsWrong names the first wrong variable."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known | NOT_SETTINGS:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"
            raise SettingsWrong(f"{name} is not a setting{hint}")
    try:
        return _kept_secret(Settings())
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        hidden = any(word in name for word in ("SECRET", "TOKEN", "URL"))
        shown = "" if hidden else f" (it is {os.environ.get(name)!r})"
        words = first["msg"].removeprefix("Value error, ")
        raise SettingsWrong(f"{name}: {words}{shown}") from None


def _kept_secret(settings: Settings) -> Settings:
    """Where real people are written to, nobody can make access tokens with what everybody knows."""
    simulated = settings.cloud_api_simulated() and settings.waha_simulated()
    if settings.secret == Settings.model_fields["secret"].default and not simulated:
        raise SettingsWrong(f"{PREFIX}SECRET: its default, which all know, seals tokens: set one")
    return settings


def settings_in(folder: Path, port: int, simulator_port: int) -> Settings:
    """Settings for files in `folder`, whatever the environment says of databases."""
    return Settings(
        store_url=f"sqlite:///{folder}/store.sqlite",
        read_url=f"sqlite:///{folder}/read.sqlite",
        command_port=port,
        read_port=port,
        simulator_port=simulator_port,
        simulator_webhook_url=f"http://127.0.0.1:{port}/webhooks/whatsapp",
        whatsapp_url=f"http://127.0.0.1:{simulator_port}/v23.0",
        simulator_hold_ms=300,
        waha_webhook_url=f"http://127.0.0.1:{port}/webhooks/waha",
        files_dir=folder / "files",
    )
