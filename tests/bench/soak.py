"""`blazz bench soak`: a steady rate of messages for an hour; what memory each process takes.

A campaign a minute, to the same contacts, from one number whose rate is the load.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from infra.demo.client import Client, until
from infra.demo.run import NUMBER, prepare
from tests.bench.figure import Figure
from tests.bench.ground import Ground
from tests.installation import Installation

PATIENCE_S = 600.0
SETTLED_MINUTE = 10
"""By then what is remembered, which is bounded by number, has reached its bounds: the most are the
sender's 100,000 messages tried, in 500 s at 200 a second."""
GROWTH, SLACK_MB = 1.1, 5
"""What allocators may take after that."""

Sample = dict[str, float]


def main(arguments: list[str]) -> int:
    """0 if every recipient was sent to once per campaign and all was read in the end, else 1."""
    parser = argparse.ArgumentParser(prog="blazz bench soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--rate", type=int, default=200, help="messages a second")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with Ground() as ground:
        installation = Installation(
            ground.folder,
            ground.database("empty"),
            ground.database("empty"),
            ground.kafka.bootstrap,
        )
        with installation.up():
            figure, wrong = asyncio.run(_soak(installation, options.minutes, options.rate))
    sys.stdout.write((json.dumps(figure.as_json()) if options.json else figure.as_line()) + "\n")
    for line in wrong:
        sys.stdout.write(f"wrong: {line}\n")
    return 1 if wrong else 0


async def _soak(installation: Installation, minutes: int, rate: int) -> tuple[Figure, list[str]]:
    recipients = rate * 60
    async with installation.client() as client:
        _, campaign_id = await _prepared(client, recipients, rate)
        template = await client.get(f"/v1/campaigns/{campaign_id}")
        started, first, settled, made = time.monotonic(), {}, {}, [campaign_id]
        await client.post(f"/v1/campaigns/{campaign_id}/launch")
        for minute in range(1, minutes + 1):
            await _until_due(started + minute * 60)
            sample = memory(installation)
            _tell(minute, sample)
            first = first or sample
            settled = sample if minute <= SETTLED_MINUTE else settled
            if minute < minutes:
                made.append(await _next(client, template, minute))
        await until("the last campaign", lambda: _completed(client, made), PATIENCE_S)
        seconds = time.monotonic() - started
        await asyncio.sleep(1)
        last, ledger = memory(installation), await installation.simulator.ledger()
        wrong = [*await _wrong(client, made, recipients, ledger), *_grown(settled, last)]
    settings: dict[str, Any] = {
        "minutes": minutes,
        "rate": rate,
        "messages": len(ledger),
        "rss_mb": {
            name: {
                "minute 1": round(first[name]),
                f"minute {min(minutes, SETTLED_MINUTE)}": round(settled[name]),
                "end": round(last[name]),
            }
            for name in first
        },
    }
    figure = Figure(
        name="soak",
        value=max(last[name] for name in last if name != "simulator"),
        unit="MB (largest process)",
        aim="under 300, flat",
        settings=settings | {"messages_a_second": round(len(ledger) / seconds)},
    )
    return figure, wrong


async def _prepared(client: Client, recipients: int, rate: int) -> tuple[Any, str]:
    lines = [f"+62812{n:07},Ana {n}" for n in range(recipients)]
    content = "\n".join(["Phone,First name", *lines]).encode()
    number = {**NUMBER, "messages_per_second": rate}
    return await prepare(client, content, "contacts.csv", _say, number)


async def _next(client: Client, like: dict[str, Any], minute: int) -> str:
    plan = like["plan"]
    body = {
        "name": f"Minute {minute}",
        "account_id": plan["account_id"],
        "template_id": plan["template_id"],
        "audience": {"kind": "all"},
        "variables": plan["variables"],
    }
    made = await client.post("/v1/campaigns", body)
    await client.post(f"/v1/campaigns/{made['id']}/launch")
    return str(made["id"])


async def _completed(client: Client, made: list[str]) -> bool:
    campaign = await client.get(f"/v1/campaigns/{made[-1]}")
    return campaign["status"] == "completed" and campaign["pending"] == 0


async def _wrong(
    client: Client, made: list[str], recipients: int, ledger: list[dict[str, Any]]
) -> list[str]:
    """Where messages were sent twice, or are not accounted for."""
    sends = Counter(line["callback_data"] for line in ledger)
    found = [f"{id_} was sent {n} times" for id_, n in sends.items() if n > 1]
    for campaign_id in made:
        c = await client.get(f"/v1/campaigns/{campaign_id}")
        if c["recipients"] != recipients or c["pending"]:
            found.append(f"{campaign_id}: {c['recipients']} recipients, {c['pending']} pending")
    return found


def _grown(settled: Sample, last: Sample) -> list[str]:
    """The simulator keeps its ledger for good; everything of ours must stay as it was."""
    return [
        f"{name} grew from {settled[name]:.0f} to {last[name]:.0f} MB"
        for name in settled
        if name != "simulator" and last[name] > settled[name] * GROWTH + SLACK_MB
    ]


def memory(installation: Installation) -> Sample:
    """Resident megabytes of each service's process."""
    found = {}
    for name, pid in installation.processes().items():
        status = Path(f"/proc/{pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        found[name] = int(line.split()[1]) / 1024
    return found


async def _until_due(due: float) -> None:
    await asyncio.sleep(max(0.0, due - time.monotonic()))


def _tell(minute: int, sample: Sample) -> None:
    _say(f"minute {minute}: " + "  ".join(f"{name} {mb:.0f} MB" for name, mb in sample.items()))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
