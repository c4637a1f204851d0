"""given(decider, past).when(command).then(facts) or .refused(code): the language of rules."""

from datetime import UTC, datetime

import pytest

from domain import wire
from domain.kernel import Command, Decider, Event, Rejected

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class given:
    """A decider and its past. Every fact that goes through here also goes over the wire."""

    def __init__(self, decider: Decider, *past: Event) -> None:
        self.decider = decider
        self.state = decider.fold([over_the_wire(fact) for fact in past])

    def when(self, command: Command, now: datetime = NOW) -> "given":
        self.command, self.now = command, now
        return self

    def then(self, *facts: Event) -> None:
        decided = self.decider.decide(self.state, self.command, self.now)
        assert list(decided) == list(facts)
        assert [over_the_wire(fact) for fact in decided] == list(facts)
        if facts:
            after = self.decider.fold(decided, self.state)
            assert list(self.decider.decide(after, self.command, self.now)) == []

    def each_time(self, *facts: Event) -> None:
        """As `then`, where asking again is no repetition: its caller knows one by other means."""
        decided = self.decider.decide(self.state, self.command, self.now)
        assert list(decided) == list(facts)
        assert [over_the_wire(fact) for fact in decided] == list(facts)
        self.decider.fold(decided, self.state)

    def refused(self, code: str, *words: str) -> None:
        """With that code, and with a message that has all the words."""
        with pytest.raises(Rejected) as refusal:
            self.decider.decide(self.state, self.command, self.now)
        assert refusal.value.code == code, refusal.value
        assert not [word for word in words if word not in str(refusal.value)], refusal.value


def over_the_wire(fact: Event) -> Event:
    """The fact as it is read back from its stored bytes."""
    return wire.decode_event(wire.type_of(fact), wire.encode(fact))
