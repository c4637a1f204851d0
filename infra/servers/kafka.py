"""A Kafka broker of our own: one node in KRaft mode, from KAFKA_HOME or from the cache."""

import shutil
from base64 import urlsafe_b64encode
from pathlib import Path
from secrets import token_bytes

from infra.servers.find import free_port, run_tool, say
from infra.servers.kafka_binary import KafkaBinary, find_kafka
from infra.servers.kafka_ready import round_trip
from infra.servers.process import Server, ServerProcess

START_SECONDS = 60.0
# A killed broker comes back only when its old registration has run out: hence the short
# session in the properties.
_FOR_TESTS = ("-Xms128m", "-Xmx512m", "-XX:TieredStopAtLevel=1")
_FOR_MEASURING = ("-Xms256m", "-Xmx1g")

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=4000
auto.create.topics.enable=false
num.network.threads=1
num.io.threads=2
log.cleaner.dedupe.buffer.size=2097152
"""

_LOGGING = """\
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c %m%n
"""


class KafkaServer(Server):
    """Listens on 127.0.0.1 only until stopped or we die; topics are never made by accident."""

    name = "Kafka"
    start_seconds = START_SECONDS

    def __init__(self, binary: KafkaBinary, folder: Path, memory: tuple[str, ...]) -> None:
        self.version = binary.version
        self._binary = binary
        self._folder = folder
        self._memory = memory
        self._data = folder / "data"
        self._settings = folder / "server.properties"
        port, controller = free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        text = _PROPERTIES.format(port=port, controller=controller, data=self._data)
        self._settings.write_text(text)
        (folder / "log4j2.properties").write_text(_LOGGING)
        if not (self._data / "meta.properties").exists():
            shutil.rmtree(self._data, ignore_errors=True)
            cluster = urlsafe_b64encode(b"Blazz" + token_bytes(11)).decode().rstrip("=")
            where = ["-t", cluster, "-c", str(self._settings)]
            run_tool([*binary.command, "kafka.tools.StorageTool", "format", *where], 60)
        self._start()

    def _launch(self) -> ServerProcess:
        java, *rest = self._binary.command
        options = [
            *self._memory,
            "-XX:+UseSerialGC",
            "-Djava.awt.headless=true",
            f"-Dkafka.logs.dir={self._folder}",
            f"-Dlog4j2.configurationFile={self._folder / 'log4j2.properties'}",
        ]
        command = [java, *options, *rest, "kafka.Kafka", str(self._settings)]
        return ServerProcess(command, self._folder / "kafka.log", self._folder)

    def _trouble(self) -> str | None:
        return round_trip(self.bootstrap)


def start_kafka(workdir: Path, measuring: bool = False) -> KafkaServer:
    """A broker whose data lies in `workdir`; data left there by an earlier one is kept.

    `measuring` gives it the memory and the compiler that figures are taken with.
    """
    binary = find_kafka()
    folder = workdir.absolute() / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    server = KafkaServer(binary, folder, _FOR_MEASURING if measuring else _FOR_TESTS)
    say(f"Kafka {binary.version} from {binary.origin}, answering on {server.bootstrap}")
    return server
