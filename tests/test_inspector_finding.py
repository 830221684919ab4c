"""What is remarked on a document."""

from pathlib import Path

import pytest

from gateway.inspector.finding import Finding
from gateway.submission import Kind


@pytest.mark.parametrize(
    ("blank", "changes", "expected"),
    [
        ((), (), ""),
        ((2,), (), "page 2 is blank"),
        ((2, 5), ("it was turned",), "it was turned; pages 2, 5 are blank"),
        ((1, 2, 3, 4, 5, 6), ("one", "two"), "one; two; 6 pages are blank"),
    ],
)
def test_remarks(blank: tuple[int, ...], changes: tuple[str, ...], expected: str) -> None:
    """Changes and blank pages are told in one line."""
    assert expected == Finding(kind=Kind.PDF, pages=9, blank=blank, changes=changes).remarks


@pytest.mark.parametrize("repaired", [None, Path("/tmp/a.fit")])
def test_json(repaired: Path | None) -> None:
    """What the child writes is what the parent reads."""
    finding = Finding(
        kind=Kind.TIFF,
        pages=2,
        sizes=((1.5, 2.0), (3.0, 4.0)),
        locked=True,
        blank=(2,),
        changes=("x",),
        repaired=repaired,
    )

    assert finding == Finding.from_json(finding.as_json())
