"""The gate: closed for the pause, then one goes ahead of the others; no clock keeps it closed for longer."""

import pytest

from gateway.worker.gate import REMEMBERED, Gate
from tests.values import NOW

PAUSE = 60.0
DAY = 86400.0


def test_open_at_first() -> None:
    """Nobody has complained: everybody may go."""
    gate = Gate(PAUSE)

    assert (0.0, None) == (gate.wait(NOW), gate.admits())


@pytest.mark.parametrize(("passed", "wait"), [(0.0, 60.0), (20.0, 40.0), (59.5, 0.5), (60.0, 0.0), (DAY, 0.0)])
def test_closed_for_the_pause(passed: float, wait: float) -> None:
    """Once closed, it stays closed for the pause and no longer."""
    gate = Gate(PAUSE)
    gate.close(NOW, "+1")

    assert wait == gate.wait(NOW + passed)


@pytest.mark.parametrize("back", [1.0, 3600.0, DAY])
def test_clock_set_back(back: float) -> None:
    """A clock that was set back does not keep faxes waiting until it has caught up."""
    gate = Gate(PAUSE)
    gate.close(NOW, "+1")

    assert 0.0 == gate.wait(NOW - back)


def test_one_goes_ahead() -> None:
    """After the pause one fax tries it; when it was taken, all may follow."""
    gate = Gate(PAUSE)
    gate.close(NOW, "+1")
    in_doubt = gate.admits()
    gate.open("+1")

    assert (1, None) == (in_doubt, gate.admits())


def test_opening_does_not_cut_the_pause_short() -> None:
    """An answer that was under way when the gate closed does not send the others after it."""
    gate = Gate(PAUSE)
    gate.close(NOW, "+1")
    gate.open("+1")

    assert PAUSE == gate.wait(NOW)


def test_closed_anew() -> None:
    """Who goes ahead and is sent back closes it for another pause."""
    gate = Gate(PAUSE)
    gate.close(NOW, "+1")
    gate.close(NOW + PAUSE, "+1")

    assert (PAUSE, 1) == (gate.wait(NOW + PAUSE), gate.admits())


def test_trouble_in_a_row_closes_it() -> None:
    """One failure is a fax's, three in a row are FAX.PLUS's; each more makes the rest longer, to ten minutes."""
    gate, now, waits = Gate(PAUSE), NOW, []
    for _ in range(9):
        gate.trouble(now)
        waits.append(gate.wait(now))
        now += waits[-1]

    assert [0.0, 0.0, 60.0, 120.0, 240.0, 480.0, 600.0, 600.0, 600.0] == waits
    assert 1 == gate.admits()


def test_success_ends_the_row() -> None:
    """What FAX.PLUS took in between shows that it was not FAX.PLUS."""
    gate = Gate(PAUSE)
    for _ in range(2):
        gate.trouble(NOW)
    gate.open("+1")
    for _ in range(2):
        gate.trouble(NOW)

    assert (0.0, None) == (gate.wait(NOW), gate.admits())


def test_pause_is_the_pause_after_trouble() -> None:
    """However long it rested before, a missing token closes it for the pause."""
    gate = Gate(PAUSE)
    for _ in range(9):
        gate.trouble(NOW)
    gate.close(NOW, "+1")

    assert PAUSE == gate.wait(NOW)


def test_others_got_past() -> None:
    """A number that is turned away where others get through (it costs extra) closes it for all only once."""
    gate = Gate(PAUSE)
    gate.close(NOW, "+1")
    gate.open("+2")
    gate.close(NOW + DAY, "+1")

    assert (0.0, None) == (gate.wait(NOW + DAY), gate.admits())


def test_nobody_got_past() -> None:
    """While nothing goes through, it is all the same for which number."""
    gate = Gate(PAUSE)
    gate.close(NOW, "+1")
    gate.close(NOW + DAY, "+2")
    gate.close(NOW + 2 * DAY, "+1")

    assert (PAUSE, 1) == (gate.wait(NOW + 2 * DAY), gate.admits())


def test_got_through_after_all() -> None:
    """What was taken in the end is a number like any other: turned away anew, it closes the gate."""
    gate = Gate(PAUSE)
    gate.close(NOW, "+1")
    gate.open("+2")
    gate.open("+1")
    gate.close(NOW + DAY, "+1")

    assert PAUSE == gate.wait(NOW + DAY)


def test_memory_is_bounded() -> None:
    """Of very many numbers that others got past, the oldest are forgotten."""
    gate = Gate(PAUSE)
    for number in range(REMEMBERED + 1):
        gate.close(NOW, f"+{number}")
        gate.open("another")
    gate.close(NOW + DAY, "+1")
    remembered = gate.wait(NOW + DAY)
    gate.close(NOW + DAY, "+0")

    assert (0.0, PAUSE) == (remembered, gate.wait(NOW + DAY))
