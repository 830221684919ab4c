"""Has first pages drawn by a child process of their own, so that no document keeps those that arrive waiting."""

import asyncio
from pathlib import Path

import structlog

from gateway.inspector.process import Child, EndedError
from gateway.submission import Kind

SECONDS = 3.0
"""That drawing a page may take: so long at most it keeps confirmations waiting."""

LARGEST = 100_000
"""Octets of a picture."""

PNG = b"\x89PNG\r\n\x1a\n"

log = structlog.get_logger()


class Thumbnails:
    """Draws first pages where it can do no harm: the child is sealed, and ended when it takes too long or too much."""

    def __init__(self, memory: int) -> None:
        """Prepare; the child starts with the first page.

        Args:
            memory: address space that it may use, in octets.
        """
        self._child = Child(memory)
        self._alone = asyncio.Lock()

    async def close(self) -> None:
        """End the child process."""
        await self._child.stop()

    async def draw(self, path: Path, kind: Kind) -> bytes | None:
        """Draw the first page of a document.

        Args:
            path: where its decoded bytes lie. The picture is written beside it for a moment.
            kind: what it is, PDF or TIFF.

        Returns:
            A PNG; None when it cannot be drawn, or not in time: whoever asks goes on without.
        """
        target = path.with_name(f"{path.name}.png")
        request = {"kind": f"page of {kind}", "path": str(path), "target": str(target), "pages": 1, "seconds": SECONDS}
        try:
            async with self._alone:
                answer = await self._child.ask(request, SECONDS)
            picture = await asyncio.to_thread(_read, target) if "found" in answer else b""
        except (TimeoutError, EndedError, OSError) as error:
            log.warning("thumbnail.failed", reason=type(error).__name__)
            return None
        finally:
            target.unlink(missing_ok=True)
        return picture if picture.startswith(PNG) and len(picture) <= LARGEST else None


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
