"""The disk and its reserve, on a real file system."""

import errno
import os
from pathlib import Path

import pytest

from gateway.smtp.disk import Disk

GB = 1_000_000_000


def free(directory: Path) -> int:
    """Octets that are free there."""
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize


def test_room(tmp_path: Path) -> None:
    """What fits beside the reserve may come."""
    Disk(tmp_path, 0).check(1000)
    Disk(tmp_path, 1000).check(0)

    assert free(tmp_path) > 2000


@pytest.mark.parametrize(("reserve", "size"), [(GB, 0), (0, GB), (GB // 2, GB // 2)])
def test_no_room(reserve: int, size: int, tmp_path: Path) -> None:
    """What would go into the reserve, or over all there is, is refused as the disk would refuse it."""
    disk = Disk(tmp_path, free(tmp_path) + reserve)
    with pytest.raises(OSError, match="No space left") as caught:
        disk.check(size)

    assert errno.ENOSPC == caught.value.errno


def test_no_disk(tmp_path: Path) -> None:
    """A directory that has gone says so."""
    with pytest.raises(FileNotFoundError):
        Disk(tmp_path / "gone", 0).check(0)
