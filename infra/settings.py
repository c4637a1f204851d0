"""Settings: `BLAZZ_*` variables, read once into one value.

A wrong one is named in one line; a variable that only looks like one of ours is refused too,
because a misspelt setting that is silently ignored costs a day.
"""

import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

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


def _to_command_api(known: dict[str, Any]) -> str:
    return f"http://127.0.0.1:{known['command_port']}/webhooks/whatsapp"


def _to_simulator(known: dict[str, Any]) -> str:
    return f"http://127.0.0.1:{known['simulator_port']}/v23.0"


def _database(url: str) -> str:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = make_url("none://")
    if parsed.drivername == "mysql+pymysql" and parsed.host and parsed.database:
        return url
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return url
    raise ValueError(f"must be like {DATABASES}")


def _http(url: str) -> str:
    try:
        parsed = urlsplit(url)
        whole = parsed.scheme in {"http", "https"} and parsed.hostname and parsed.port != 0
    except ValueError:
        whole = False
    if not whole or not url.isprintable() or " " in url or url.endswith("/"):
        raise ValueError("must be like https://host:port/path, without a slash at its end")
    return url


def _topic(name: str) -> str:
    if not _TOPIC.fullmatch(name) or name in {".", ".."}:
        raise ValueError(
            "must be 1 to 249 letters, digits, dots, underscores or hyphens, as Kafka has it"
        )
    return name


def _secret(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip(", \t\r\n"):
        raise ValueError("must not be empty; unset it to have the default")
    return value


def _token(value: SecretStr) -> SecretStr:
    if not all("!" <= letter <= "~" for letter in _secret(value).get_secret_value()):
        raise ValueError("must be letters, digits and signs of ASCII, without spaces or line ends")
    return value


DATABASES: Final = "mysql+pymysql://user@host:3306/database or sqlite:////path/file"
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")

Port = Annotated[int, Field(ge=0, le=65535)]
Url = Annotated[str, AfterValidator(_database), Field(repr=False)]
HttpUrl = Annotated[str, AfterValidator(_http)]
Topic = Annotated[str, AfterValidator(_topic)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
Token = Annotated[SecretStr, AfterValidator(_token)]


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
    simulator_webhook_url: HttpUrl = Field(default_factory=_to_command_api)
    """Where the simulator posts its webhooks. The default is the command API on this machine."""
    simulator_seed: int = 1
    """Seed of the simulator's outcomes."""
    simulator_messages_per_second: Annotated[float, Field(ge=0)] = 1000.0
    """Throughput of each simulated number; 0: unlimited."""
    simulator_hold_ms: Annotated[int, Field(ge=0, le=600_000)] = 30_000
    """How long the simulator leaves a sender without the answer it never gives (…0500)."""
    whatsapp_url: HttpUrl = Field(default_factory=_to_simulator)
    """Base address of the Cloud API, version included. The default is the simulator here."""
    whatsapp_token: Token = SecretStr("simulator-token")
    """Bearer token for the Cloud API."""
    whatsapp_app_secret: Secret = SecretStr("simulator-app-secret")
    """Signs the webhooks; several, separated by commas, while one is being replaced."""
    whatsapp_verify_token: Secret = SecretStr("simulator-verify-token")
    """Answers the webhook handshake."""
    unresolved_after_s: Annotated[float, Field(ge=1)] = 60.0
    """Until an attempt without a stored outcome is unknown; below 30, some are only on their way."""
    parked_per_minute: Annotated[int, Field(ge=1)] = 100
    """Records a read model may set aside in a minute; one more, and the projector halts."""
    secret: Secret = SecretStr("only-for-this-machine")
    """Signs paging cursors."""
    log: Literal["auto", "json", "text"] = "auto"
    """Log lines as JSON or readable; auto: readable on a terminal."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is logged."""

    def app_secrets(self) -> tuple[str, ...]:
        """The secrets that a webhook may be signed with; the first is the one in use."""
        given = self.whatsapp_app_secret.get_secret_value().split(",")
        return tuple(secret.strip() for secret in given if secret.strip())

    def secrets(self) -> list[str]:
        """Every value that must not be seen."""
        values = [value for _, value in self if isinstance(value, SecretStr)]
        return [*(value.get_secret_value() for value in values), *self.app_secrets()]

    def simulated(self) -> bool:
        """Whether the provider is a simulator: WhatsApp itself is reached by https only."""
        return self.whatsapp_url.startswith("http://")


def load() -> Settings:
    """The settings of this process. SettingsWrong names the first wrong variable."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known | NOT_SETTINGS:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"
            raise SettingsWrong(f"{name} is not a setting{hint}")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        hidden = any(word in name for word in ("SECRET", "TOKEN", "URL"))
        shown = "" if hidden else f" (it is {os.environ.get(name)!r})"
        words = first["msg"].removeprefix("Value error, ")
        raise SettingsWrong(f"{name}: {words}{shown}") from None


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
    )
