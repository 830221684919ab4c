"""Which faxes are being worked on, on disk: should one of them make the process die, the next process knows which.

No sync: this is about a process that dies, not about a machine that does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENOUGH = 3
"""Times in a row that a fax may have been in our hands when something broke, before it is set aside."""


class Hand:
    """A directory with one small file for each fax in our hands; it holds how often in a row that ended badly."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def holding(self, id: str) -> Iterator[None]:
        """Hold a fax while it is worked on. What ends in an exception, or in the end of the process, counts."""
        file = self._directory / id
        file.write_text(str(self.stumbles(id) + 1))
        yield
        file.unlink(missing_ok=True)

    def stumbles(self, id: str) -> int:
        """How often in a row it ended badly."""
        try:
            return int((self._directory / id).read_text() or 0)
        except (FileNotFoundError, ValueError):
            return 0

    def poisoned(self, id: str) -> bool:
        """Whether that is often enough to set it aside, so that the others go on."""
        return self.stumbles(id) >= ENOUGH

    def forgive(self, id: str) -> None:
        """Begin to count anew."""
        (self._directory / id).unlink(missing_ok=True)
