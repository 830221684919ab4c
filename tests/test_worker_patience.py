"""Nothing ends because somebody set the clock: jumps are seen, and time itself must confirm them."""

import pytest

from gateway.worker import patience
from gateway.worker.patience import Patience
from tests.values import NOW

GIVE_UP = 86_400.0


class Clocks:
    """A wall clock and a monotonic one, moved by hand."""

    def __init__(self) -> None:
        self.wall, self.monotonic = NOW, 1000.0
        self.patience = Patience(GIVE_UP, now=lambda: self.wall, monotonic=lambda: self.monotonic)

    def pass_by(self, seconds: float) -> None:
        """Let time go by, on both, looking at the clocks now and then as the worker does."""
        for _ in range(10):
            self.wall += seconds / 10
            self.monotonic += seconds / 10
            self.patience.may_end()


def test_a_new_process_tries_first() -> None:
    """After a start nothing ends before it was tried again for a while, however old it is."""
    clocks = Clocks()

    assert not clocks.patience.may_end()
    clocks.pass_by(GIVE_UP / 100)
    assert clocks.patience.may_end()


@pytest.mark.parametrize("jump", [3700.0, -3700.0, 365 * 86_400.0, -365 * 86_400.0])
def test_a_jump_freezes_ends(jump: float) -> None:
    """After a jump nothing ends until as much time has passed as things are given anyway."""
    clocks = Clocks()
    clocks.pass_by(GIVE_UP)
    clocks.wall += jump

    assert not clocks.patience.may_end()
    clocks.pass_by(GIVE_UP - 60)
    assert not clocks.patience.may_end()
    clocks.pass_by(120)
    assert clocks.patience.may_end()


def test_small_corrections_are_no_jumps() -> None:
    """What time servers do every day changes nothing."""
    clocks = Clocks()
    clocks.pass_by(GIVE_UP)
    clocks.wall += 4

    assert clocks.patience.may_end()
    assert clocks.patience.steady_for(GIVE_UP)


def test_a_wait_by_the_wall_is_one_only_while_the_clock_is_steady() -> None:
    """Two minutes on a clock that jumped ten seconds ago were not two minutes."""
    clocks = Clocks()
    clocks.pass_by(1000)
    clocks.wall += 120

    assert not clocks.patience.steady_for(120)
    clocks.pass_by(121)
    assert clocks.patience.steady_for(120)


def test_a_new_process_has_seen_no_wait() -> None:
    """What passed before the process began was not seen by it."""
    clocks = Clocks()

    assert not clocks.patience.steady_for(1)
    clocks.pass_by(2)
    assert clocks.patience.steady_for(1)


@pytest.mark.parametrize("jump", [0.0, 4.0, -10.0, 3600.0, -3600.0])
def test_vouches_for_claims_by_the_clock_of_now(jump: float) -> None:
    """A claim is by this clock as long as nobody sets it; and of others' claims nothing is known."""
    clocks = Clocks()
    clocks.patience.vouch("fax1-1")
    clocks.pass_by(100)
    clocks.wall += jump

    assert (abs(jump) < 5) == clocks.patience.vouches("fax1-1")
    assert not clocks.patience.vouches("fax1-2")


def test_old_claims_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded; what is forgotten is only looked for more widely."""
    monkeypatch.setattr(patience, "VOUCHED", 2)
    clocks = Clocks()
    for token in ("a-1", "b-1", "c-1"):
        clocks.patience.vouch(token)

    assert [False, True, True] == [clocks.patience.vouches(token) for token in ("a-1", "b-1", "c-1")]
