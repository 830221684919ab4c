"""Where accepted mail lies when several machines share the work: in their database, in pieces.

The directory holds only what is arriving here, and copies for as long as somebody reads them. It is the acceptance
(`Store.accept`) that puts the pieces into the database, in the same commit, so that 250 means kept for every machine.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from gateway.spool.directory import Draft, Spool

Piece = Callable[[str, int], Awaitable[bytes | None]]
"""Returns a piece of a kept mail by its id and its place from 0; None: there is none."""


class DatabaseSpool(Spool):
    """The accepted mail of all machines; what lies in the directory is this machine's and may be lost."""

    def __init__(self, directory: Path, piece: Piece) -> None:
        super().__init__(directory)
        self._piece = piece

    def keep(self, draft: Draft) -> None:
        """Finish a draft. It is kept once its acceptance is committed, and lies at `path` until then.

        Raises:
            OSError: it could not be written; the mail must not be acknowledged.
        """
        draft.close()

    def path(self, id: str) -> Path:
        """Where a mail lies that is about to be accepted."""
        return self._drafts / f"{id}.eml"

    def kept(self) -> set[str]:
        """Nothing is kept here, and what a gateway without a shared database left here is not ours to judge."""
        return set()

    @asynccontextmanager
    async def opened(self, id: str) -> AsyncIterator[Path]:
        """Fetch a kept mail into a file for as long as the block lasts; nothing lies there when it is kept no more.

        Raises:
            OSError: there is no room for it here.
            sqlalchemy.exc.SQLAlchemyError: the database cannot be asked.
        """
        copy = self._drafts / f"{id}.{secrets.token_hex(4)}.copy"
        try:
            first = await self._piece(id, 0)
            if first is not None:
                await self._fetch(id, first, copy)
            yield copy
        finally:
            copy.unlink(missing_ok=True)

    async def holds(self, id: str) -> bool:
        """Whether a mail is still kept."""
        return await self._piece(id, 0) is not None

    async def _fetch(self, id: str, first: bytes, copy: Path) -> None:
        file = await asyncio.to_thread(_private, copy)
        with file:
            piece: bytes | None = first
            position = 0
            while piece is not None:
                await asyncio.to_thread(file.write, piece)
                position += 1
                piece = await self._piece(id, position)


def _private(path: Path) -> BinaryIO:
    path.touch(mode=0o600)
    return path.open("wb")
