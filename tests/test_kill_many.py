"""`kill -9` at random moments, again and again, with hundreds of faxes in flight; `make kill` kills more often."""

import asyncio
import random
import time
from pathlib import Path

import pytest

from tests.killing import IN_FLIGHT, besiege

KILLS = 50


@pytest.mark.process
@pytest.mark.timeout(900)
def test_nothing_is_lost_or_sent_twice(tmp_path: Path) -> None:
    """Each acknowledged fax is sent once, as it was, and told truly; only some confirmations come twice, as one."""
    seed = random.SystemRandom().randrange(1, 1_000_000)
    began = time.monotonic()
    figures, siege = asyncio.run(besiege(tmp_path, KILLS, seed))
    print(f"kills={KILLS} {figures} seed={seed} seconds={time.monotonic() - began:.0f}")  # noqa: T201  # the figures are the point

    assert ({}, []) == (figures.broken, siege.stumbles), f"SEED={seed}"
    assert KILLS == len(siege.in_flight)
    assert figures.accepted > IN_FLIGHT
    assert min(siege.in_flight) >= IN_FLIGHT
