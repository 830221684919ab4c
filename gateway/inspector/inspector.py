"""Has documents opened by child processes, and says in words what is wrong with one."""

import asyncio
from pathlib import Path

import structlog

from gateway.config import LimitSettings
from gateway.inspector.process import Child, EndedError
from gateway.submission import Kind

CHILDREN = 2
"""Documents that are opened at the same time."""

SHOWN = 60
"""Characters of a name in a refusal, at most."""

log = structlog.get_logger()


class UnreadableError(Exception):
    """A document that cannot be faxed. `words` names it and tells the sender what to do."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Inspector:
    """Opens documents where it can do no harm: a document that crashes or hangs costs only its own refusal."""

    def __init__(self, settings: LimitSettings) -> None:
        self._settings = settings
        self._children = [Child(settings.inspection_memory) for _ in range(CHILDREN)]
        self._free: asyncio.Queue[Child] = asyncio.Queue()

    async def start(self) -> None:
        """Start the child processes.

        Raises:
            OSError: they do not start.
        """
        for child in self._children:
            await child.launch()
        for child in self._children:
            await child.wait_ready()
            self._free.put_nowait(child)

    async def close(self) -> None:
        """End the child processes."""
        await asyncio.gather(*(child.stop() for child in self._children))

    async def inspect(self, path: Path, kind: Kind, name: str) -> int:
        """Open a document and count its pages.

        Args:
            path: where its decoded bytes lie.
            kind: what its first bytes say that it is.
            name: what the sender calls it.

        Raises:
            UnreadableError: it cannot be faxed.
            OSError: it cannot be opened for want of a process or a file; not the document's fault.
        """
        child = await self._free.get()
        try:
            words_or_pages = await self._ask(child, path, kind)
        finally:
            self._free.put_nowait(child)
        if isinstance(words_or_pages, int):
            return words_or_pages
        shown = name if len(name) <= SHOWN else f"{name[: SHOWN - 1]}…"
        raise UnreadableError(f'"{shown}" {words_or_pages}')

    async def _ask(self, child: Child, path: Path, kind: Kind) -> int | str:
        seconds = self._settings.inspection
        request = {"path": str(path), "kind": kind, "pages": self._settings.pages, "seconds": seconds}
        try:
            answer = await child.ask(request, seconds)
        except TimeoutError:
            log.warning("inspection.timed_out", kind=kind, seconds=seconds)
            return "takes too long to open; print it to PDF and send that"
        except EndedError:
            log.warning("inspection.crashed", kind=kind)
            return "cannot be opened; print it to PDF and send that"
        if "failed" in answer:
            raise OSError(answer["failed"])
        return int(answer["pages"]) if "pages" in answer else str(answer["words"])
