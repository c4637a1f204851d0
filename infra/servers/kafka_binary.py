"""Which Kafka to run: KAFKA_HOME, else the jars that Maven fetches into the cache."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from infra.servers import apt
from infra.servers.find import (
    ServersMissing,
    cache_folder,
    home_of_user,
    in_cache,
    missing,
    run_tool,
    say,
)

VERSION = "4.3.0"
OLDEST = (4, 3)
JAVA_OLDEST = 17
_LOG4J = "2.25.1"
_JARS = f"kafka-{VERSION}"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_JAVA_PACKAGES = [
    "openjdk-21-jre-headless",
    "openjdk-17-jre-headless",
    "default-jre-headless",
]

_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>blazz</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>{_LOG4J}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-core</artifactId>
      <version>{_LOG4J}</version>
    </dependency>
  </dependencies>
</project>
"""


@dataclass(frozen=True)
class KafkaBinary:
    command: tuple[str, ...]
    version: str
    origin: str


def find_kafka() -> KafkaBinary:
    looked: list[str] = []
    for attempt in (_from_kafka_home, _from_cache):
        try:
            jars, version = attempt()
            command = (_java(), "-cp", f"{jars}{os.sep}*")
        except ServersMissing as reason:
            looked.append(str(reason))
        else:
            return KafkaBinary(command, version, str(jars))
    raise missing("Kafka 4.3 with Java 17 or newer", looked)


def _from_kafka_home() -> tuple[Path, str]:
    home = os.environ.get("KAFKA_HOME")
    if not home:
        raise ServersMissing("this machine: KAFKA_HOME is not set")
    jars = Path(home).absolute() / "libs"
    found = [re.fullmatch(r"kafka_2\.\d+-(\d+)\.(\d+)\.(\d+)\.jar", p.name) for p in jars.glob("*")]
    for jar in filter(None, found):
        version = ".".join(jar.groups())
        if (int(jar[1]), int(jar[2])) >= OLDEST:
            return jars, version
        say(f"KAFKA_HOME is Kafka {version}: 4.3 or newer is needed; looking further")
        raise ServersMissing(f"KAFKA_HOME is Kafka {version}: 4.3 or newer is needed")
    raise ServersMissing(f"KAFKA_HOME: no kafka_2.*.jar in {jars}")


def _from_cache() -> tuple[Path, str]:
    jars = cache_folder() / _JARS / "libs"
    if not jars.is_dir():
        try:
            in_cache(_JARS, _fetch)
        except (ServersMissing, OSError) as reason:
            raise ServersMissing(f"the cache {cache_folder()}: {reason}") from reason
    return jars, VERSION


def _java() -> str:
    at_home = Path(os.environ.get("JAVA_HOME", "")) / "bin" / "java"
    java = str(at_home) if at_home.is_file() else apt.need("java", _JAVA_PACKAGES)
    version = re.search(r'version "(\d+)', run_tool([java, "-version"], 30))
    if version is None or int(version[1]) < JAVA_OLDEST:
        found = version[1] if version else "of unknown version"
        raise ServersMissing(f"{java} is Java {found}: 17 or newer is needed")
    return java


def _fetch(half: Path) -> None:
    _java()
    maven = apt.need("mvn", ["maven"])
    say(f"setting up Kafka {VERSION} in {half.parent} (once, under a minute)")
    pom = half / "pom.xml"
    pom.write_text(_POM)
    goal = [_COPY, "-DincludeScope=runtime", f"-DoutputDirectory={half / 'libs'}"]
    if not os.access(home_of_user(), os.W_OK):  # Java asks the password database, not HOME
        goal.append(f"-Dmaven.repo.local={half / 'repository'}")
    run_tool([maven, "-q", "-B", "-f", str(pom), *goal], 900)
    shutil.rmtree(half / "repository", ignore_errors=True)
    if not (half / "libs" / f"kafka_2.13-{VERSION}.jar").is_file():
        raise ServersMissing(f"Maven ended well but left no kafka_2.13-{VERSION}.jar")
