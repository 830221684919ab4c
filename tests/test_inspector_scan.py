"""One page of a TIFF: its size on paper, its oddities, its picture; and the whole gallery without a child process."""

import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gateway.inspector import pdf, tiff
from gateway.inspector.scan import size_of, supposed_size, upright
from gateway.inspector.unfit import UnfitError
from tests.documents import DOCUMENTS, drawing

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((DOCUMENTS / "expected.toml").read_text("utf-8"))
TOO_MUCH_HERE = {"bomb.pdf"}
"""What only a process with a limit of its own should open."""


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({282: 204, 283: 196, 296: 2}, (610, 147)),
        ({282: 204, 283: 98, 296: 2}, (610, 294)),
        ({282: 80, 283: 77, 296: 3}, (612, 147)),
        ({282: 204, 283: 196}, (610, 147)),
        ({282: 1, 283: 1, 296: 1}, None),
        ({282: 1, 283: 1, 296: 2}, None),
        ({282: 0, 283: 0, 296: 2}, None),
        ({282: float("nan"), 283: 196, 296: 2}, None),
        ({}, None),
    ],
)
def test_size(tags: dict[int, float], expected: tuple[int, int] | None) -> None:
    """The size on paper follows from the resolution, if there is one that a scan may have."""
    found = size_of(tags, (1728, 400))

    assert expected == (found and (round(found[0]), round(found[1])))


@pytest.mark.parametrize(
    ("dots", "expected"),
    [
        ((1728, 2156), (610, 792)),
        ((1728, 1078), (610, 792)),
        ((2432, 3000), (858, 1102)),
        ((1700, 2200), (595, 770)),
        ((2200, 1700), (770, 595)),
        ((10, 3000), (3, 792)),
    ],
)
def test_supposed_size(dots: tuple[int, int], expected: tuple[int, int]) -> None:
    """A page without a resolution is as wide as a fax, or fitted to a sheet; fax lines are told by its shape."""
    found = supposed_size(dots)

    assert expected == (round(found[0]), round(found[1]))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright(orientation: int) -> None:
    """Each of the eight ways to lay a page is undone (TIFF 6.0, section 8)."""
    page = drawing((40, 30), "L")
    lay: dict[int, Callable[[Image.Image], Image.Image]] = {
        1: lambda one: one,
        2: lambda one: one.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda one: one.rotate(180),
        4: lambda one: one.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda one: one.transpose(Image.Transpose.TRANSPOSE),
        6: lambda one: one.rotate(90, expand=True),
        7: lambda one: one.transpose(Image.Transpose.TRANSVERSE),
        8: lambda one: one.rotate(-90, expand=True),
    }

    assert page.tobytes() == upright(lay[orientation](page), orientation).tobytes()


@pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow and pikepdf remark on odd files
@pytest.mark.parametrize("name", sorted(set(EXPECTED) - TOO_MUCH_HERE))
def test_gallery(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What becomes of each odd document is decided here as it is in the child process."""

    def heard() -> bytes:
        return capfd.readouterr().err.encode()

    target, inspect = tmp_path / "a.fit", partial(tiff.inspect, heard=heard) if name.endswith("tif") else pdf.inspect
    if "refused" in EXPECTED[name]:
        with pytest.raises(UnfitError) as refusal:
            inspect(DOCUMENTS / name, target, 200)
        assert EXPECTED[name]["refused"] == refusal.value.words
        return
    found = inspect(DOCUMENTS / name, target, 200)

    assert EXPECTED[name].get("remarks", "") == found.remarks
    assert (EXPECTED[name]["as"] == "repaired") == target.exists()
