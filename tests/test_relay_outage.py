"""Kafka goes away under load: commands go on, and read models catch up by themselves.

`BLAZZ_TEST_OUTAGE_S=120` keeps it away for two minutes, and the load goes on all the while.
"""

import asyncio
import itertools
import os
import time

from infra.demo.client import ApiRefused, until
from infra.servers import start_kafka
from tests.installation import Installation

DURING = 60
"""Contacts added while Kafka is away, by as many clients at once as there are `CLIENTS`."""
CLIENTS = 8
LASTS_S = float(os.environ.get("BLAZZ_TEST_OUTAGE_S", "0"))
PATIENCE_S = 120 + LASTS_S


async def added(client, numbers):
    """Each number a contact, none of them refused; how many there were."""
    count = 0

    async def work():
        nonlocal count
        for number in numbers:
            await client.post("/v1/contacts", {"phone": f"+62812{number:08}"})
            count += 1

    await asyncio.gather(*(work() for _ in range(CLIENTS)))
    return count


def going_on(first):
    """Numbers from that one on: `DURING`, and more of them for as long as Kafka shall be away."""
    until_s = time.monotonic() + LASTS_S
    least = first + DURING
    return itertools.takewhile(
        lambda n: n < least or time.monotonic() < until_s, itertools.count(first)
    )


async def outage(client, kafka):
    async with client:
        total = await added(client, iter(range(20)))
        await until("the first contacts", lambda: shown(client, total), PATIENCE_S)
        load = asyncio.create_task(added(client, iter(range(20, 20 + DURING))))
        await asyncio.to_thread(kafka.kill)
        total += await load
        total += await added(client, going_on(500))
        await asyncio.to_thread(kafka.restart)
        await until("all contacts", lambda: shown(client, total), PATIENCE_S)
        assert len(await client.pages("/v1/contacts")) == total


async def shown(client, count):
    try:
        return (await client.get("/v1/dashboard"))["contacts"] == count
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
