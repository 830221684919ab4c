"""A fax that makes the process stumble is known by the next process, and only that fax."""

from pathlib import Path

import pytest

from gateway.worker.hand import Hand


def stumble(hand: Hand, id: str) -> None:
    """Work on a fax, and break over it."""
    with pytest.raises(ZeroDivisionError), hand.holding(id):
        raise ZeroDivisionError


def test_counts_over_processes(tmp_path: Path) -> None:
    """Three times in a row, each in a process of its own, are enough."""
    for times in range(1, 4):
        stumble(Hand(tmp_path), "f1")

        assert times == Hand(tmp_path).stumbles("f1")
    assert Hand(tmp_path).poisoned("f1")
    assert not Hand(tmp_path).poisoned("f2")


def test_once_well_is_all_well(tmp_path: Path) -> None:
    """What went well once has not stumbled."""
    hand = Hand(tmp_path)
    stumble(hand, "f1")
    with hand.holding("f1"):
        assert 2 == hand.stumbles("f1")

    assert 0 == hand.stumbles("f1")
    assert [] == list(tmp_path.iterdir())


def test_forgiven(tmp_path: Path) -> None:
    """After it was set aside, it has its chances anew; a file that the power made empty counts for nothing."""
    hand = Hand(tmp_path)
    stumble(hand, "f1")
    hand.forgive("f1")
    hand.forgive("f1")
    (tmp_path / "f2").write_text("")

    assert (0, 0) == (hand.stumbles("f1"), hand.stumbles("f2"))
