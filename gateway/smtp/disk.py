"""The disk that mail is written to, up to a reserve: the database must be able to record outcomes when it is full."""

import errno
import os
from pathlib import Path


class Disk:
    """What is free of it. Asking costs microseconds."""

    def __init__(self, directory: Path, reserve: int) -> None:
        """Look at the file system of a directory, and leave `reserve` octets of it free."""
        self._directory = directory
        self._reserve = reserve

    def check(self, size: int) -> None:
        """Return if so many octets may be written.

        Raises:
            OSError: they may not (ENOSPC, as the full disk itself would say), or the disk does not answer.
        """
        found = os.statvfs(self._directory)
        if found.f_bavail * found.f_frsize < self._reserve + size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
