"""How far the relay has got, in one row that only the holder of the newest lease can move."""

from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from infra.event_store.tables import relay_checkpoint as table
from infra.log.topic import TopicMismatch


class FencedOff(Exception):
    """Another relay leads now. What this one sent meanwhile are repeats, which nobody counts."""


class Mark(NamedTuple):
    """All up to `position` is in the log; `partitions` has each partition's last position sent."""

    position: int
    partitions: tuple[int, ...]

    def beside(self, other: "Mark") -> "Mark":
        """The same mark, where `other`'s watermarks went ahead of it in a partition."""
        pairs = zip(self.partitions, other.partitions, strict=True)
        return Mark(self.position, tuple(max(mine, its) for mine, its in pairs))


class Marks:
    """The row `name`, written under `epoch`."""

    def __init__(self, engine: Engine, name: str, topic: str, partitions: int) -> None:
        self.engine, self.name, self.topic, self.partitions = engine, name, topic, partitions

    def claim(self, epoch: int) -> Mark:
        """The mark to go on from; from now on older epochs cannot move it."""
        try:
            with self.engine.begin() as connection:
                connection.execute(
                    insert(table).values(
                        name=self.name,
                        epoch=epoch,
                        position=0,
                        partitions=_text((0,) * self.partitions),
                        topic=self.topic,
                    )
                )
        except IntegrityError:
            pass  # It is there: this is not the first relay.
        c = table.c
        with self.engine.begin() as connection:
            connection.execute(
                update(table).where(c.name == self.name, c.epoch <= epoch).values(epoch=epoch)
            )
            row = connection.execute(
                select(c.epoch, c.position, c.partitions, c.topic).where(c.name == self.name)
            ).one()
        if row.epoch != epoch:
            raise FencedOff(f"relay {self.name}: epoch {row.epoch} leads, this one has {epoch}")
        return self._checked(Mark(row.position, _positions(row.partitions)), row.topic)

    def move(self, epoch: int, old: Mark, new: Mark) -> None:
        """Compare and set. FencedOff if the row is not as this relay left it."""
        c = table.c
        moved = (
            update(table)
            .where(c.name == self.name, c.epoch == epoch, c.position == old.position)
            .values(position=new.position, partitions=_text(new.partitions))
        )
        with self.engine.begin() as connection:
            if connection.execute(moved).rowcount != 1:
                raise FencedOff(
                    f"relay {self.name}: somebody moved the checkpoint from {old.position}"
                    f" under epoch {epoch}; another relay leads"
                )

    def _checked(self, mark: Mark, topic: str) -> Mark:
        if topic != self.topic or len(mark.partitions) != self.partitions:
            raise TopicMismatch(
                f"relay {self.name} has been writing to {topic} with {len(mark.partitions)}"
                f" partitions, not to {self.topic} with {self.partitions}: give the new topic a"
                " relay name of its own"
            )
        return mark


def _text(positions: tuple[int, ...]) -> str:
    return msgspec.json.encode(positions).decode()


def _positions(text: str) -> tuple[int, ...]:
    return msgspec.json.decode(text, type=tuple[int, ...])
