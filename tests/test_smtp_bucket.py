"""Leaking buckets: against a clock that is moved by hand, and with as many keys as the net has addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp import bucket
from gateway.smtp.bucket import Buckets


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_full_and_dry() -> None:
    """So many drops fit, and each leaks away in its share of the span; keys do not know of each other."""
    clock = Clock()
    buckets = Buckets(3, 60.0, clock)
    said = []
    for seconds in (0, 0, 0, 0, 19, 1):
        clock.now += seconds
        said.append(buckets.full("a"))
        if not said[-1]:
            buckets.add("a")

    assert [False, False, False, True, True, False] == said
    assert not buckets.full("b")


def test_the_dry_ones_are_forgotten() -> None:
    """What leaked dry takes no memory, as soon as anything happens."""
    clock = Clock()
    buckets = Buckets(10, 60.0, clock)
    for key in range(100):
        buckets.add(key)
    clock.now += 60.0
    buckets.add("next")

    assert 1 == len(buckets)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many keys there are, only so many are remembered, and those are the last ones."""
    monkeypatch.setattr(bucket, "MOST_REMEMBERED", 10)
    buckets = Buckets(1, 60.0, Clock())
    for key in range(100):
        buckets.add(key)

    assert [False] * 90 + [True] * 10 == [buckets.full(key) for key in range(100)]


@given(waits=st.lists(st.floats(0, 100), max_size=200), most=st.integers(1, 20))
def test_never_more_than_twice_the_most_within_the_span(waits: list[float], most: int) -> None:
    """Whatever the rhythm, no span sees more than what fits at once and what leaks away in it."""
    clock = Clock()
    buckets = Buckets(most, 60.0, clock)
    taken: list[float] = []
    for wait in waits:
        clock.now += wait
        if not buckets.full("a"):
            buckets.add("a")
            taken.append(clock.now)

    assert all(len([at for at in taken if begin <= at < begin + 60.0]) <= 2 * most for begin in taken)
