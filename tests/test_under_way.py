"""Work beside a loop: who is woken by its end, and when."""

import asyncio

from commands.policies.under_way import UnderWay


def test_only_an_end_that_leaves_few_enough_wakes():
    async def working():
        woken = []
        under_way = UnderWay(lambda: woken.append(len(under_way)))
        gates = [asyncio.Event() for _ in range(4)]
        for gate in gates:
            under_way.begin(gate.wait())
        under_way.awaited = 1
        for gate in gates:
            gate.set()
            left = len(under_way) - 1
            while len(under_way) > left:  # noqa: ASYNC110 - tasks end in a turn of the loop
                await asyncio.sleep(0)
        return woken

    assert asyncio.run(working()) == [1, 0]


def test_every_end_wakes_unless_something_else_is_said():
    async def working():
        woken = []
        under_way = UnderWay(lambda: woken.append(len(under_way)))
        for _ in range(3):
            under_way.begin(asyncio.sleep(0))
        await under_way.end(20)
        await asyncio.sleep(0)
        return len(woken)

    assert asyncio.run(working()) == 3
