"""Where accepted mail lies: one file a mail, in a directory beside the database.

A mail is written while it is read from the wire (`draft`), synced and put in its place before it is
acknowledged (`keep`), read again for each upload, and removed when its time is over.
"""

import hashlib
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO


class Draft:
    """A mail that is still arriving. Not a mail of ours until `Spool.keep`."""

    def __init__(self, id: str, path: Path, file: BinaryIO) -> None:
        self.id = id
        self.path = path
        self.size = 0
        self._file = file
        self._sha256 = hashlib.sha256()

    def preface(self, header: bytes) -> None:
        """Write our own trace header, which is not part of what the sender sent."""
        self._file.write(header)

    def write(self, chunk: bytes) -> None:
        """Add what arrived.

        Raises:
            OSError: the disk is full or broken.
        """
        self._file.write(chunk)
        self._sha256.update(chunk)
        self.size += len(chunk)

    def append(self, chunks: Iterable[bytes]) -> tuple[int, int]:
        """Put octets behind the mail: what was taken out of a container in it, or made from one of its documents.

        They are kept with it, and are no part of what the sender sent. Call it when all has arrived.

        Returns:
            Where they begin in the file, and how many they are.

        Raises:
            OSError: the disk is full or broken.
        """
        begin = self._file.tell()
        for chunk in chunks:
            self._file.write(chunk)
        self._file.flush()
        return begin, self._file.tell() - begin

    @property
    def sha256(self) -> str:
        """Of everything the sender sent so far, hex."""
        return self._sha256.hexdigest()

    def flush(self) -> None:
        """Make what was written readable through `path`."""
        self._file.flush()

    def sync(self) -> None:
        """Return when the mail is on disk.

        Raises:
            OSError: it may not be. The mail must not be acknowledged.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def close(self) -> None:
        """Finish writing, without a word on whether it is on disk.

        Raises:
            OSError: the disk is full or broken.
        """
        self._file.close()

    def discard(self) -> None:
        """Forget it: it was refused, or its sender went away."""
        with suppress(OSError):  # on a full disk closing fails, and what is left to write is not wanted any more
            self._file.close()
        self.path.unlink(missing_ok=True)


class Spool:
    """The directory of accepted mail."""

    def __init__(self, directory: Path) -> None:
        self._kept = directory / "mail"
        self._drafts = directory / "drafts"
        for place in (directory, self._kept, self._drafts):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync_directory(place.parent)  # a directory whose own name is lost takes its mails with it

    def draft(self, id: str) -> Draft:
        """Begin a mail.

        Raises:
            OSError: there is no room for it, or no file handle.
        """
        path = self._drafts / f"{id}.eml"
        return Draft(id, path, os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb"))

    def keep(self, draft: Draft) -> None:
        """Sync a draft and put it in its place, for good. Blocks: call it in a thread.

        Raises:
            OSError: it could not be made safe; the mail must not be acknowledged.
        """
        draft.sync()
        draft.path.rename(self.path(draft.id))
        _sync_directory(self._kept)

    def path(self, id: str) -> Path:
        """Where a kept mail lies in this machine's own directory."""
        return self._kept / f"{id}.eml"

    @asynccontextmanager
    async def opened(self, id: str) -> AsyncIterator[Path]:
        """Have a kept mail as a file for as long as the block lasts; nothing lies there when it is kept no more."""
        yield self.path(id)

    async def holds(self, id: str) -> bool:
        """Whether a mail is still kept."""
        return self.path(id).exists()

    def remove(self, id: str) -> None:
        """Remove a kept mail whose time is over, or whose acceptance was not committed."""
        self.path(id).unlink(missing_ok=True)

    def kept(self) -> set[str]:
        """The ids of all mails that lie here."""
        return {path.stem for path in self._kept.glob("*.eml")}

    def clear_drafts(self) -> int:
        """Remove what was arriving when the process ended; nobody was told that we have it. Returns how many."""
        drafts = list(self._drafts.iterdir())
        for path in drafts:
            path.unlink(missing_ok=True)
        return len(drafts)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
