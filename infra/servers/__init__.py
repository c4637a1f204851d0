"""A real MySQL and a real Kafka for tests and measurements, found or set up without Docker."""

from infra.servers.find import ServersMissing
from infra.servers.kafka import KafkaServer, start_kafka
from infra.servers.mysql import MysqlServer, start_mysql

__all__ = ["KafkaServer", "MysqlServer", "ServersMissing", "start_kafka", "start_mysql"]
