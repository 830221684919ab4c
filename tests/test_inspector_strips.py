"""Strips whose sizes are written wrongly: whatever stands there, what comes out is the whole picture, or nothing."""

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pikepdf import Pdf, PdfImage, Stream
from PIL import Image, ImageChops

from gateway.inspector.directories import read_directories
from gateway.inspector.strips import with_sizes
from gateway.inspector.tiff import inspect
from gateway.inspector.unfit import UnfitError
from tests.documents import GREY, colours, drawing, fax, jpeg, sized, strips
from tests.tiffs import Page, coded, tiff

STRIPS = 7
PAGES: dict[str, Page] = {
    "group 4": strips("group4", 4, 64),
    "group 3": strips("group3", 3, 64),
    "runs": strips("tiff_ccitt", 2, 64),
    "one": Page(fax("group4").tags, fax("group4").strips),
    "plain": colours("L", [GREY.crop((0, top, 160, top + 20)).tobytes() for top in range(0, 100, 20)], t278=20),
    "lzw": colours("L", coded(GREY, "tiff_lzw"), t259=5),
    "deflate": colours("L", coded(GREY, "tiff_adobe_deflate"), t259=8),
    "jpeg": colours("L", jpeg("L"), t259=7),
}
Heard = Callable[[], bytes]
SIZES = st.lists(st.integers(0, 3000) | st.sampled_from([70_000, 2**32 - 1]), min_size=STRIPS, max_size=STRIPS)


@pytest.fixture
def heard(capfd: pytest.CaptureFixture[str]) -> Heard:
    """What libtiff says on standard error."""
    return lambda: capfd.readouterr().err.encode()  # noqa: PLW0108  # it is asked again and again


def shown(octets: bytes, heard: Heard) -> Image.Image | None:
    """What is faxed of a TIFF; None if it is refused."""
    with TemporaryDirectory() as place:
        path, target = Path(place, "a.tif"), Path(place, "a.pdf")
        path.write_bytes(octets)
        try:
            finding = inspect(path, target, 1, heard)
        except UnfitError:
            return None
        if finding.repaired is None:
            with Image.open(path) as image:
                return image.convert("L")
        with Pdf.open(io.BytesIO(target.read_bytes())) as pdf:
            (picture,) = pdf.pages[0].obj.Resources.XObject.values()
            assert isinstance(picture, Stream)
            return PdfImage(picture).as_pil_image().convert("L")


@pytest.mark.parametrize("name", PAGES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(sizes=[0] * STRIPS)
@example(sizes=[2**32 - 1] * STRIPS)
@given(sizes=SIZES)
def test_any_sizes(name: str, sizes: list[int], heard: Heard) -> None:
    """Whatever sizes are written, the picture is the one that was meant, or the page is refused."""
    page = PAGES[name]
    meant = shown(tiff(page), heard)
    found = shown(tiff(sized(page, sizes[: len(page.strips)])), heard)

    assert meant is not None
    assert found is None or ImageChops.difference(meant, found).getbbox() is None


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("name", PAGES)
def test_sizes_of_nothing(name: str, order: str, heard: Heard) -> None:
    """Where every size is a single octet, all are found again, in both orders of octets."""
    page = PAGES[name]

    assert shown(tiff(sized(page, [1] * len(page.strips)), order=order), heard) is not None


def test_data_behind(heard: Heard) -> None:
    """Where something lies behind a strip that nobody knows of, how far the strip goes cannot be known."""
    one = fax("group4")
    strange = Page({**one.tags, 279: 1}, [one.strips[0] + drawing().tobytes()[:500] + b"\x55" * 100])

    assert shown(tiff(strange), heard) is None


@pytest.mark.parametrize(
    "page",
    [
        fax("group4"),
        Page({**fax("group4").tags, 278: 100}, fax("group4").strips),
        Page({**fax("group4").tags, 257: 0}, fax("group4").strips),
        Page({**fax("group4").tags, 259: 6, 279: 1}, fax("group4").strips),
        colours("RGB", [plane.tobytes() for plane in drawing((160, 100), "RGB").split()], t284=2),
        Page({**strips("group4", 4, 1).tags, 257: 600, 279: [1] * 600}, [*strips("group4", 4, 1).strips] * 2),
    ],
    ids=["right", "too few", "no rows", "old JPEG", "planes", "too many"],
)
def test_left_alone(page: Page) -> None:
    """Right sizes are no reason to write a file again, nor are pages whose strips mean something else."""
    octets = tiff(page)
    directories = read_directories(io.BytesIO(octets), 1)

    assert with_sizes(octets, directories, lambda _: True) is None
