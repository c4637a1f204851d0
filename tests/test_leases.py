"""One owner at a time; the epoch tells owners apart, however late one of them wakes up."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.database import connect
from infra.leases import Leases

LONG_S = 600
SHORT_S = 0.05


@pytest.fixture
def leases(store_database):
    engine = connect(store_database)
    yield Leases(engine)
    engine.dispose()


def test_the_first_to_ask_gets_the_lease_and_others_do_not(leases):
    assert leases.acquire("relay", "one", LONG_S) == 1
    assert leases.acquire("relay", "two", LONG_S) is None
    assert leases.acquire("sender", "two", LONG_S) == 1


def test_the_owner_keeps_its_epoch_when_it_asks_again(leases):
    assert leases.acquire("relay", "one", LONG_S) == 1
    assert leases.acquire("relay", "one", LONG_S) == 1


def test_an_expired_lease_is_taken_over_with_a_new_epoch(leases):
    assert leases.acquire("relay", "one", SHORT_S) == 1
    time.sleep(2 * SHORT_S)
    assert leases.acquire("relay", "two", LONG_S) == 2
    assert leases.acquire("relay", "one", LONG_S) is None


def test_who_slept_through_its_lease_has_lost_it(leases):
    assert leases.acquire("relay", "one", SHORT_S) == 1
    time.sleep(2 * SHORT_S)
    assert not leases.renew("relay", "one", 1, LONG_S)
    assert leases.acquire("relay", "one", LONG_S) == 2


def test_renewing_holds_the_lease_beyond_its_time(leases):
    epoch = leases.acquire("relay", "one", 0.3)
    for _ in range(4):
        time.sleep(0.1)
        assert leases.renew("relay", "one", epoch, 0.3)
    assert leases.acquire("relay", "two", LONG_S) is None


def test_only_owner_and_epoch_together_renew_or_release(leases):
    leases.acquire("relay", "one", LONG_S)
    assert not leases.renew("relay", "two", 1, LONG_S)
    assert not leases.renew("relay", "one", 2, LONG_S)
    assert not leases.renew("other", "one", 1, LONG_S)
    assert not leases.release("relay", "two", 1)
    assert not leases.release("relay", "one", 2)
    assert leases.acquire("relay", "two", LONG_S) is None


def test_a_released_lease_is_free_at_once_and_never_the_same_again(leases):
    leases.acquire("relay", "one", LONG_S)
    assert leases.release("relay", "one", 1)
    assert not leases.renew("relay", "one", 1, LONG_S)
    assert leases.acquire("relay", "two", LONG_S) == 2
    assert not leases.release("relay", "one", 1)
    assert leases.acquire("relay", "one", LONG_S) is None


def test_of_many_who_ask_at_once_one_gets_it(leases):
    askers, rounds = 8, 10
    together = threading.Barrier(askers)

    def ask(asker):
        epochs = []
        for number in range(rounds):
            together.wait(30)
            if epoch := leases.acquire(f"lease {number}", f"owner {asker}", LONG_S):
                epochs.append(epoch)
        return epochs

    with ThreadPoolExecutor(askers) as threads:
        epochs = list(itertools.chain.from_iterable(threads.map(ask, range(askers))))
    assert epochs == [1] * rounds


def test_of_many_who_steal_at_once_one_gets_it(leases):
    thieves = 8
    leases.acquire("relay", "one", SHORT_S)
    time.sleep(2 * SHORT_S)
    together = threading.Barrier(thieves)

    def steal(thief):
        together.wait(30)
        return leases.acquire("relay", f"thief {thief}", LONG_S)

    with ThreadPoolExecutor(thieves) as threads:
        epochs = list(threads.map(steal, range(thieves)))
    assert sorted(epochs, key=str) == [2] + [None] * (thieves - 1)


@pytest.mark.parametrize("owner", ["", "o" * 256])
def test_an_owner_that_cannot_be_stored_is_refused(leases, owner):
    with pytest.raises(ValueError, match="name and owner have 1 to 255 characters"):
        leases.acquire("relay", owner, LONG_S)


def test_a_lease_for_no_time_is_refused(leases):
    with pytest.raises(ValueError, match="held for more than no time, not 0 s"):
        leases.acquire("relay", "one", 0)
