"""One child process: asked, replaced, and never left behind."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.inspector.process import Child, EndedError
from gateway.samples import LETTER

MEMORY = 1_000_000_000
REQUEST: dict[str, Any] = {"path": str(LETTER), "target": "/nonexistent/a.fit", "kind": "pdf", "pages": 9, "seconds": 9}


def test_recycled(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many documents another child takes over."""
    monkeypatch.setattr("gateway.inspector.process.DOCUMENTS", 2)

    async def act() -> tuple[int, list[int]]:
        child = Child(MEMORY)
        await child.launch()
        seen = set()
        pages = []
        for _ in range(5):
            assert child._process is not None
            seen.add(child._process.pid)
            pages.append((await child.ask(REQUEST, 9))["found"]["pages"])
        await child.stop()
        await child.stop()
        return len(seen), pages

    processes, pages = asyncio.run(act())

    assert 3 == processes
    assert [3] * 5 == pages


def test_children_end_with_their_parent() -> None:
    """A child whose parent is gone ends by itself: its standard input has."""

    async def act() -> int:
        child = Child(MEMORY)
        await child.launch()
        process = child._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        code = await process.wait()
        await child.stop()
        return code

    assert 0 == asyncio.run(act())


def test_started_when_asked() -> None:
    """A place without a process starts one for the question."""

    async def act() -> dict[str, Any]:
        child = Child(MEMORY)
        try:
            return await child.ask(REQUEST, 9)
        finally:
            await child.stop()

    assert 3 == asyncio.run(act())["found"]["pages"]


def test_processor_time(tmp_path: Path) -> None:
    """The kernel ends a process that computes for longer than it was allowed, should its parent be gone.

    A tree of a million pages that claims to have one keeps it busy.
    """
    path = tmp_path / "a.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 1/Kids["
        + b"3 0 R " * 1_000_000
        + b"]>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
        + b"trailer\n<</Root 1 0 R>>\n%%EOF"
    )

    async def act() -> None:
        child = Child(2 * MEMORY)
        with pytest.raises(EndedError):
            await child.ask(REQUEST | {"path": str(path), "seconds": 0}, 60)
        await child.stop()

    asyncio.run(act())
