"""The kinds of settings: how each looks, and what is said of one that does not."""

import re
from typing import Annotated, Final
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field, SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


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


def _origin(url: str) -> str:
    parsed = urlsplit(_http(url))
    if parsed.path or parsed.query or parsed.fragment or "@" in parsed.netloc or set(url) & _UNSAFE:
        raise ValueError("must be like https://host:port, with nothing behind it")
    return url.lower()


def bucket_of(url: str) -> tuple[str, str, str, str]:
    """Endpoint, bucket, prefix and region of where files are."""
    try:
        parsed = urlsplit(url)
        given = parse_qs(parsed.query, strict_parsing=True)
    except ValueError:
        given = {}
    region = given.pop("region", [""])[-1]
    endpoint = given.pop("endpoint", [f"https://s3.{region}.amazonaws.com"])[-1]
    prefix = parsed.path.strip("/") if given == {} else "?"
    fine = parsed.scheme == "s3" and _BUCKET.fullmatch(parsed.netloc) and _PREFIX.fullmatch(prefix)
    if not fine or not _REGION.fullmatch(region):
        raise ValueError(
            "must be like s3://bucket/prefix?region=eu-central-1, with &endpoint=https://host:port"
            " for a service other than Amazon's"
        )
    return _http(endpoint), parsed.netloc, prefix, region


def _files(url: str) -> str:
    if url:
        bucket_of(url)
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


_UNSAFE: Final = frozenset("\"'*,;<>")
DATABASES: Final = "mysql+pymysql://user@host:3306/database or sqlite:////path/file"
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX: Final = re.compile(r"([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?")
_REGION: Final = re.compile(r"[a-z0-9-]{1,64}")

Port = Annotated[int, Field(ge=0, le=65535)]
Url = Annotated[str, AfterValidator(_database), Field(repr=False)]
HttpUrl = Annotated[str, AfterValidator(_http)]
FilesUrl = Annotated[str, AfterValidator(_files)]
Origin = Annotated[str, AfterValidator(_origin)]
Topic = Annotated[str, AfterValidator(_topic)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
Token = Annotated[SecretStr, AfterValidator(_token)]
