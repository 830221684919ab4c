"""The inspector with real child processes: what harms one document harms no other."""

import asyncio
import os
import signal
import sys
import time
import zlib
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pikepdf import Array, Name, Pdf, Stream, StreamDecodeLevel
from structlog.testing import capture_logs

from gateway.config import LimitSettings
from gateway.inspector import Finding, Inspector, UnreadableError
from gateway.inspector.inspector import CHILDREN
from gateway.samples import LETTER, SCAN
from gateway.submission import Kind
from tests.mutating import Trial

T = TypeVar("T")


def inspected(act: Callable[[Inspector], Coroutine[Any, Any, T]], **limits: Any) -> T:
    """Do something with an inspector that has real children, and end these."""

    async def run() -> T:
        inspector = Inspector(LimitSettings(**limits))
        await inspector.start()
        try:
            return await act(inspector)
        finally:
            await inspector.close()

    return asyncio.run(run())


async def pages_of(inspected_document: Awaitable[Finding]) -> int:
    """How many pages a document has."""
    return (await inspected_document).pages


async def refusal(inspected_document: Awaitable[Finding]) -> str:
    """The words that refuse a document."""
    with pytest.raises(UnreadableError) as refused:
        await inspected_document
    return refused.value.words


def pids(inspector: Inspector) -> list[int]:
    """The children's process ids."""
    return [child._process.pid for child in inspector._children if child._process is not None]


def bomb(path: Path, size: int) -> Path:
    """A page whose contents grow a hundred thousand times."""
    with Pdf.new() as pdf:
        squeezed = zlib.compress(zlib.compress(bytes(size), 9), 9)
        contents = Stream(pdf, squeezed)
        contents.Filter = Array([Name.FlateDecode, Name.FlateDecode])
        pdf.add_blank_page().obj.Contents = contents
        pdf.save(path, compress_streams=False, stream_decode_level=StreamDecodeLevel.none)
    return path


def test_pages_and_refusals(tmp_path: Path) -> None:
    """Documents are counted or refused under their names, many at once."""
    damaged = tmp_path / "1"
    damaged.write_bytes(b"%PDF-1.4\n%%EOF")

    async def act(inspector: Inspector) -> list[Any]:
        return await asyncio.gather(
            *(pages_of(inspector.inspect(LETTER, Kind.PDF, "letter.pdf")) for _ in range(10)),
            pages_of(inspector.inspect(SCAN, Kind.TIFF, "scan.tif")),
            refusal(inspector.inspect(damaged, Kind.PDF, "größe.pdf")),
            refusal(inspector.inspect(damaged, Kind.PDF, "long" * 50 + ".pdf")),
        )

    *pages, scan, words, long = inspected(act)

    assert [3] * 10 == pages
    assert 2 == scan
    assert '"größe.pdf" is damaged; make it anew, or print it to PDF, and send that' == words
    assert long.startswith('"longlong')
    assert len(long) < 150


def test_page_limit() -> None:
    """The limit of the settings is kept."""

    async def act(inspector: Inspector) -> str:
        return await refusal(inspector.inspect(LETTER, Kind.PDF, "letter.pdf"))

    assert "more than the 2 pages" in inspected(act, pages=2)


def test_libtiff_is_heard(tmp_path: Path) -> None:
    """A scan with broken lines, over which libtiff only mutters on standard error, is refused."""
    broken = tmp_path / "scan.tif"
    octets = SCAN.read_bytes()
    broken.write_bytes(octets[:1000] + b"\x55" * 50 + octets[1050:])

    async def act(inspector: Inspector) -> tuple[str, int]:
        words = await refusal(inspector.inspect(broken, Kind.TIFF, "scan.tif"))
        return words, await pages_of(inspector.inspect(SCAN, Kind.TIFF, "scan.tif"))

    words, next_one = inspected(act)

    assert '"scan.tif" has lines that cannot be read; scan it again, or save it as PDF, and send that' == words
    assert 2 == next_one


def test_memory(tmp_path: Path) -> None:
    """A document that grows without end is refused, and the next is opened by a fresh process."""
    path = bomb(tmp_path / "bomb.pdf", 150_000_000)

    async def act(inspector: Inspector) -> tuple[str, list[int], list[int], int]:
        before = pids(inspector)
        words = await refusal(inspector.inspect(path, Kind.PDF, "bomb.pdf"))
        pages = [await pages_of(inspector.inspect(LETTER, Kind.PDF, "letter.pdf")) for _ in range(CHILDREN)]
        return words, before, pids(inspector), pages[-1]

    words, before, after, pages = inspected(act, inspection_memory="200 MB")

    assert '"bomb.pdf" needs too much memory to be opened; print it to PDF and send that' == words
    assert 1 == len(set(before) - set(after))
    assert 3 == pages


def test_time() -> None:
    """A document that takes too long is refused in time, and the next is opened."""

    async def act(inspector: Inspector) -> tuple[str, float, int]:
        for pid in pids(inspector):
            os.kill(pid, signal.SIGSTOP)  # from outside, the same as a document without end
        begun = time.monotonic()
        words = await refusal(inspector.inspect(LETTER, Kind.PDF, "letter.pdf"))
        await refusal(inspector.inspect(LETTER, Kind.PDF, "letter.pdf"))
        taken = time.monotonic() - begun
        return words, taken, await pages_of(inspector.inspect(LETTER, Kind.PDF, "letter.pdf"))

    with capture_logs() as logs:
        words, taken, pages = inspected(act, inspection="300ms")

    assert '"letter.pdf" takes too long to open; print it to PDF and send that' == words
    assert 0.6 <= taken < 5
    assert 3 == pages
    assert ["inspection.timed_out"] * 2 == [entry["event"] for entry in logs]


def test_crash() -> None:
    """A child that dies over a document costs that document a refusal and nobody else anything."""

    async def act(inspector: Inspector) -> tuple[list[Any], int]:
        victim, other = pids(inspector)
        os.kill(victim, signal.SIGSTOP)
        first = asyncio.ensure_future(refusal(inspector.inspect(LETTER, Kind.PDF, "first.pdf")))
        others = [asyncio.ensure_future(pages_of(inspector.inspect(SCAN, Kind.TIFF, "scan.tif"))) for _ in range(4)]
        await asyncio.gather(*others)
        os.kill(victim, signal.SIGKILL)
        results = await asyncio.gather(first, *others)
        return results, len(set(pids(inspector)) - {victim, other})

    with capture_logs() as logs:
        results, fresh = inspected(act)

    assert ['"first.pdf" cannot be opened; print it to PDF and send that', 2, 2, 2, 2] == results
    assert 1 == fresh
    assert ["inspection.crashed"] == [entry["event"] for entry in logs]


def test_child_that_died_idle() -> None:
    """A child that was killed between two documents is replaced, and no document is blamed."""

    async def act(inspector: Inspector) -> list[int]:
        for child in inspector._children:
            assert child._process is not None
            child._process.kill()
            await child._process.wait()
        return [await pages_of(inspector.inspect(LETTER, Kind.PDF, "letter.pdf")) for _ in range(CHILDREN)]

    assert [3] * CHILDREN == inspected(act)


def test_stop_signals_are_the_parents() -> None:
    """A terminal or systemd sends its signals to the children too; a document under inspection must not suffer."""

    async def act(inspector: Inspector) -> tuple[list[int], list[int], int]:
        before = pids(inspector)
        for pid in before:
            os.kill(pid, signal.SIGTERM)
            os.kill(pid, signal.SIGINT)
        pages = [await pages_of(inspector.inspect(LETTER, Kind.PDF, "letter.pdf")) for _ in range(CHILDREN)]
        return before, pids(inspector), pages[-1]

    before, after, pages = inspected(act)

    assert before == after
    assert 3 == pages


def test_sender_goes_away() -> None:
    """An inspection that is cancelled leaves no answer behind for the next document."""

    async def act(inspector: Inspector) -> list[int]:
        stopped = pids(inspector)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        tasks = [asyncio.ensure_future(inspector.inspect(SCAN, Kind.TIFF, "scan.tif")) for _ in range(CHILDREN)]
        await asyncio.sleep(0)  # each runs until it waits for its answer
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        return [await pages_of(inspector.inspect(LETTER, Kind.PDF, "letter.pdf")) for _ in range(CHILDREN)]

    assert [3] * CHILDREN == inspected(act)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be read is our trouble, not a fault of the document."""

    async def act(inspector: Inspector) -> None:
        with pytest.raises(OSError, match="No such file"):
            await inspector.inspect(tmp_path / "gone", Kind.PDF, "gone.pdf")

    inspected(act)


def test_children_do_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without child processes nothing can be inspected, which is said at the start and at each document."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    inspector = Inspector(LimitSettings())

    async def act() -> None:
        with pytest.raises(OSError, match="does not start"):
            await inspector.start()
        await inspector.close()

    asyncio.run(act())


def test_replacement_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that cannot be replaced is an OSError for the next document, and tried again for the one after that."""

    async def act(inspector: Inspector) -> int:
        for child in inspector._children:
            await child.stop()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", "/nonexistent")
            for _ in range(CHILDREN + 1):
                with pytest.raises(OSError, match="nonexistent"):
                    await inspector.inspect(LETTER, Kind.PDF, "letter.pdf")
        return await pages_of(inspector.inspect(LETTER, Kind.PDF, "letter.pdf"))

    assert 3 == inspected(act)


def test_confined() -> None:
    """The children may neither grow, nor write large files, nor dump core, nor gain privileges."""

    def about(pid: int) -> tuple[str, str]:
        return Path(f"/proc/{pid}/limits").read_text(), Path(f"/proc/{pid}/status").read_text()

    async def act(inspector: Inspector) -> list[tuple[str, str]]:
        return [about(pid) for pid in pids(inspector)]

    found = inspected(act, inspection_memory="700 MB")

    assert CHILDREN == len(found)
    for limits, status in found:
        rows = {row[:26].strip(): row[26:].split() for row in limits.splitlines()}

        assert ["700000000", "700000000", "bytes"] == rows["Max address space"]
        assert ["150000000", "150000000", "bytes"] == rows["Max file size"]
        assert ["0", "0", "bytes"] == rows["Max core file size"]
        assert ["32", "32", "files"] == rows["Max open files"]
        assert "NoNewPrivs:\t1" in status
        assert "Seccomp:\t2" in status


@pytest.mark.process
def test_only_what_is_documented_comes_out() -> None:
    """Documents damaged at random are faxed or refused in known words; `python -m tests.mutating` tries thousands."""
    trial = Trial(seed=20)
    asyncio.run(trial.run(150))

    assert [] == trial.undocumented
    assert [] == trial.left
    assert {"fit", "repaired"} < set(trial.outcomes)
