"""What the child process answers."""

from pathlib import Path

import pytest

from gateway.inspector.child import Opener, answer
from gateway.inspector.unfit import DAMAGED, UnfitError, too_many


def opener(outcome: int | BaseException) -> Opener:
    """Something that opens a document with this outcome."""

    def count_pages(path: Path, limit: int) -> int:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return count_pages


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (3, {"pages": 3}),
        (UnfitError("has no pages"), {"words": "has no pages"}),
        (too_many(9), {"words": "has more than the 9 pages that may be faxed at once; send it in parts"}),
        (
            MemoryError(),
            {"words": "needs too much memory to be opened; print it to PDF and send that", "spent": True},
        ),
        (AttributeError("whatever a library does"), {"words": DAMAGED, "spent": True}),
        (RecursionError(), {"words": DAMAGED, "spent": True}),
    ],
)
def test_answer(tmp_path: Path, outcome: int | BaseException, expected: dict[str, object]) -> None:
    """Every outcome of opening a document has its answer."""
    path = tmp_path / "a.pdf"
    path.touch()

    assert expected == answer(opener(outcome), path, 9)


def test_file_is_gone(tmp_path: Path) -> None:
    """A file that cannot be read is not called damaged."""
    path = tmp_path / "gone.pdf"

    assert {"failed": f"[Errno 2] No such file or directory: '{path}'"} == answer(opener(3), path, 9)
