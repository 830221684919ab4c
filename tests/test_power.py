"""The power goes, again and again, and with it all that was not synced: acknowledged mail is there all the same.

Without either of the two syncs that promise it, the same test finds mail lost. `make power` cuts more often.
"""

import asyncio
import random
from pathlib import Path

import pytest

from tests.platter import Platter, sqlite_library
from tests.powercut import cut

CUTS = 4


@pytest.fixture(autouse=True)
def _reachable() -> None:
    """The VFS goes around the SQLite of this Python, which must be a library of its own for that."""
    try:
        sqlite_library()
    except OSError as error:
        pytest.skip(str(error))


@pytest.mark.process
@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """Each acknowledged fax is sent once, as it was, and told truly."""
    seed = random.SystemRandom().randrange(1, 1_000_000)
    figures = asyncio.run(cut(tmp_path, CUTS, seed))

    assert {} == figures.broken, f"SEED={seed}"
    assert figures.accepted > CUTS


@pytest.mark.process
@pytest.mark.timeout(300)
@pytest.mark.parametrize("rule", ["full_sync", "spool_sync"])
def test_every_sync_is_needed(rule: str, tmp_path: Path) -> None:
    """Without it the test above would fail."""
    figures = asyncio.run(cut(tmp_path, 2, 7, without=rule))

    assert [] != figures.lost


def test_what_a_disk_keeps(tmp_path: Path) -> None:
    """Content that was synced, under names that were synced; a name alone is an empty file, content alone nothing."""
    state = tmp_path / "state"
    platter = Platter(state, tmp_path / "kept")
    for name in ("whole", "empty"):
        (state / name).write_text("content")
    platter.synced(state / "whole")
    platter.synced(state)
    (state / "whole").write_text("content that nobody synced")
    (state / "nameless").write_text("content")
    platter.synced(state / "nameless")
    platter.restore()

    assert {"whole": "content", "empty": ""} == {path.name: path.read_text() for path in state.iterdir()}
