"""Seeing that the state directory can hold what we promise to keep."""

import os
from pathlib import Path

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "fuse.sshfs"})
"""Their locks and syncs are not to be relied on: https://www.sqlite.org/howtocorrupt.html, section 2.1."""

MOUNTS = Path("/proc/self/mounts")


class StateError(Exception):
    """The state directory cannot serve; the text says why and what to do."""


def look_at_state(directory: Path, *, holds_database: bool, mounts: Path = MOUNTS) -> None:
    """See that the directory is there or can be made, that we may write to it, and that it is on a disk.

    Raises:
        StateError: one of these is not so.
    """
    there = _nearest(directory)
    if not there.is_dir():
        raise StateError(f"{there} is not a directory")
    if not os.access(there, os.W_OK | os.X_OK):
        raise StateError(f"there is no right to write in {there}; make {directory} and give it to the gateway's user")
    kind = file_system(there.resolve(), mounts.read_text() if mounts.exists() else "")
    if holds_database and kind in NETWORK_FILE_SYSTEMS:
        raise StateError(
            f"{directory} is on {kind}, where SQLite is not safe; use a disk of this machine, or `database`"
        )


def _nearest(path: Path) -> Path:
    """The path itself, or the nearest of its parents that exists."""
    return next(candidate for candidate in (path, *path.parents) if candidate.exists())


def file_system(path: Path, mounts: str) -> str:
    """Name the kind of file system a path lies on; `mounts` as proc(5) describes it. Empty when unknown."""
    kinds: dict[Path, str] = {}
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        kinds[Path(point.encode().decode("unicode_escape"))] = kind
    return next((kinds[parent] for parent in (path, *path.parents) if parent in kinds), "")
