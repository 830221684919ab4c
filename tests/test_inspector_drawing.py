"""The picture of a first page: in the shape of the paper, small, with what the form holds."""

import io
from pathlib import Path

import pytest
from PIL import Image

from gateway.inspector.drawing import BOX, draw_pdf, draw_tiff
from gateway.inspector.unfit import UnfitError
from tests.documents import DOCUMENTS


def drawn(name: str, place: Path) -> Image.Image:
    """The picture of a document of the gallery."""
    target = place / "page.png"
    draw = draw_pdf if name.endswith(".pdf") else draw_tiff
    finding = draw(DOCUMENTS / name, target, 1)
    image = Image.open(io.BytesIO(target.read_bytes()), formats=["PNG"]).convert("L")
    assert [(image.width, image.height)] == list(finding.sizes)
    return image


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("linearized.pdf", 11 / 8.5),
        ("poster-of-a-kilometre.pdf", 11 / 8.5),
        ("group-4.tif", (400 / 196) / (1728 / 204)),
        ("lines-98.tif", (400 / 98) / (1728 / 204)),
    ],
)
def test_as_the_paper(name: str, shape: float, tmp_path: Path) -> None:
    """Also where the points of a scan are twice as high as they are wide."""
    picture = drawn(name, tmp_path)

    assert shape == pytest.approx(picture.height / picture.width, rel=0.1)
    assert max(picture.width - BOX[0], picture.height - BOX[1]) in {-1, 0, 1}


@pytest.mark.parametrize("name", ["form-undrawn.pdf", "group-4.tif", "jpeg-grey.tif", "three-pages.tif"])
def test_something_is_seen(name: str, tmp_path: Path) -> None:
    """There is ink on it, and paper."""
    shades = set(drawn(name, tmp_path).tobytes())

    assert min(shades) < 128 < max(shades)


@pytest.mark.parametrize("name", ["open-password-aes-256.pdf", "too-many-pixels.tif", "pages-in-a-loop.pdf"])
def test_what_cannot_be_drawn(name: str, tmp_path: Path) -> None:
    """It is no reason for anything but to go without; the child answers and lives on."""

    with pytest.raises((UnfitError, OSError)):
        drawn(name, tmp_path)
