"""Kafka goes away under load: commands go on, and read models catch up by themselves."""

import asyncio

from infra.demo.client import ApiRefused, until
from infra.servers import start_kafka
from tests.installation import Installation

DURING = 60
"""Contacts added while Kafka is away, by as many clients at once as there are `CLIENTS`."""
CLIENTS = 8
PATIENCE_S = 120


async def added(client, numbers):
    """Each number a contact; how many answers were a refusal."""
    refused = 0

    async def work():
        nonlocal refused
        for number in numbers:
            try:
                await client.post("/v1/contacts", {"phone": f"+62812{number:08}"})
            except ApiRefused:
                refused += 1

    await asyncio.gather(*(work() for _ in range(CLIENTS)))
    return refused


async def outage(client, kafka):
    async with client:
        assert await added(client, iter(range(20))) == 0
        await until("the first contacts", lambda: shown(client, 20), PATIENCE_S)
        load = asyncio.create_task(added(client, iter(range(20, 20 + DURING))))
        await asyncio.to_thread(kafka.kill)
        assert await load == 0
        assert await added(client, iter(range(500, 500 + DURING))) == 0
        await asyncio.to_thread(kafka.restart)
        total = 20 + 2 * DURING
        await until("all contacts", lambda: shown(client, total), PATIENCE_S)


async def shown(client, count):
    try:
        return len(await client.pages("/v1/contacts")) == count
    except ApiRefused as refused:
        if refused.status != 503:  # it says that it is behind
            raise
        return False


def test_commands_go_on_while_kafka_is_away_and_the_read_models_catch_up(tmp_path, mysql_databases):
    folder = tmp_path / "kafka"
    folder.mkdir()
    with start_kafka(folder) as kafka:
        installation = Installation(tmp_path, mysql_databases(), mysql_databases(), kafka.bootstrap)
        with installation.up():
            asyncio.run(outage(installation.client(), kafka))
