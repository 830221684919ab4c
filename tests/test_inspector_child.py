"""What the child process answers."""

import errno
from pathlib import Path

import pytest

from gateway.inspector.child import Opener, answer, grown
from gateway.inspector.finding import Finding
from gateway.inspector.unfit import DAMAGED, TOO_LARGE, UnfitError, too_many
from gateway.submission import Kind

FOUND = Finding(kind=Kind.PDF, pages=3)


def opener(outcome: Finding | BaseException) -> Opener:
    """Something that opens a document with this outcome."""

    def inspect(path: Path, target: Path, limit: int) -> Finding:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return inspect


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (FOUND, {"found": FOUND.as_json()}),
        (UnfitError("has no pages"), {"words": "has no pages"}),
        (too_many(9), {"words": "has more than the 9 pages that may be faxed at once; send it in parts"}),
        (
            MemoryError(),
            {"words": "needs too much memory to be opened; print it to PDF and send that", "spent": True},
        ),
        (AttributeError("whatever a library does"), {"words": DAMAGED, "spent": True}),
        (RecursionError(), {"words": DAMAGED, "spent": True}),
        (OSError(errno.EFBIG, "large"), {"words": TOO_LARGE, "spent": True}),
        (OSError(errno.ENOSPC, "full"), {"failed": "[Errno 28] full", "spent": True}),
        (OSError("broken data"), {"words": DAMAGED, "spent": True}),
    ],
)
def test_answer(tmp_path: Path, outcome: Finding | BaseException, expected: dict[str, object]) -> None:
    """Every outcome of opening a document has its answer."""
    path = tmp_path / "a.pdf"
    path.touch()

    assert expected == answer(opener(outcome), path, path, 9)


def test_file_is_gone(tmp_path: Path) -> None:
    """A file that cannot be read is not called damaged."""
    path = tmp_path / "gone.pdf"

    assert {"failed": f"[Errno 2] No such file or directory: '{path}'"} == answer(opener(FOUND), path, path, 9)


def test_grown() -> None:
    """A process that has used half of what it may have is done."""
    assert grown(1_000_000)
    assert not grown(1 << 50)
