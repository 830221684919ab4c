"""Has documents opened by child processes, and says in words what is wrong with one."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from gateway.config import LimitSettings
from gateway.inspector.finding import Finding
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

    async def inspect(self, path: Path, kind: Kind, name: str) -> Finding:
        """Open a document.

        Args:
            path: where its decoded bytes lie. What is to be faxed in its place, if it must be repaired, is written
                beside it, to where the finding says; it belongs to the caller.
            kind: what its first bytes say that it is.
            name: what the sender calls it.

        Raises:
            UnreadableError: it cannot be faxed.
            OSError: it cannot be opened for want of a process, a file or room; not the document's fault.
        """
        return await self._found({"kind": kind, "path": str(path)}, path, name)

    async def join(self, parts: Sequence[tuple[Path, Kind]], name: str) -> Finding:
        """Make one PDF of documents that can be faxed as they are.

        Args:
            parts: where they lie in their order, and what they are. The PDF is written beside the first.
            name: what the sender calls them together.

        Raises:
            UnreadableError: they cannot be joined.
            OSError: as with `inspect`.
        """
        first = parts[0][0]
        request = {"kind": "many", "path": str(first), "parts": [(str(path), kind) for path, kind in parts]}
        return await self._found(request, first.with_name(f"{first.name}.all"), name)

    async def _found(self, request: dict[str, Any], path: Path, name: str) -> Finding:
        target = path.with_name(f"{path.name}.fit")
        child = await self._free.get()
        try:
            words_or_finding = await self._ask(child, request | {"target": str(target)})
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        finally:
            self._free.put_nowait(child)
        if isinstance(words_or_finding, Finding):
            return words_or_finding
        target.unlink(missing_ok=True)
        shown = name if len(name) <= SHOWN else f"{name[: SHOWN - 1]}…"
        raise UnreadableError(f'"{shown}" {words_or_finding}')

    async def _ask(self, child: Child, request: dict[str, Any]) -> Finding | str:
        seconds, kind = self._settings.inspection, request["kind"]
        try:
            answer = await child.ask(request | {"pages": self._settings.pages, "seconds": seconds}, seconds)
        except TimeoutError:
            log.warning("inspection.timed_out", kind=kind, seconds=seconds)
            return "takes too long to open; print it to PDF and send that"
        except EndedError:
            log.warning("inspection.crashed", kind=kind)
            return "cannot be opened; print it to PDF and send that"
        if "failed" in answer:
            raise OSError(answer["failed"])
        return Finding.from_json(answer["found"]) if "found" in answer else str(answer["words"])
