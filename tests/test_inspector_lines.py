"""Fax codings whose data end too soon: noticed wherever it happens, in each coding, and never where all is there."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from PIL.TiffImagePlugin import TiffImageFile

from gateway.inspector.lines import End, read_lines
from tests.documents import RETURN_TO_CONTROL, drawing, fax
from tests.tiffs import Page, tiff

PICTURE = drawing((1728, 300))
CODINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "group 3": ("group3", {"compression": 3}),
    "group 3, fill bits": ("group3", {"compression": 3, "t292": 4}),
    "group 3, two-dimensional": ("group3", {"compression": 3, "t292": 1}),
    "group 4": ("group4", {}),
    "runs": ("tiff_ccitt", {"compression": 2}),
}
MIRRORED = {"lsb first": 2, "msb first": 1}


def page(coding: str, **tags: int) -> Page:
    """The picture in a coding."""
    name, usual = CODINGS[coding]
    return fax(name, picture=PICTURE, **usual | tags)


@pytest.fixture
def heard(capfd: pytest.CaptureFixture[str]) -> Callable[[], bytes]:
    """What libtiff says on standard error."""

    def read() -> bytes:
        return capfd.readouterr().err.encode()

    return read


def judged(one: Page, heard: Callable[[], bytes]) -> tuple[End, int] | None:
    """How the lines of a page end; None when libtiff gives it up."""
    octets = tiff(one)
    with Image.open(io.BytesIO(octets)) as image:
        assert isinstance(image, TiffImageFile)
        try:
            picture, end, rows = read_lines(image, octets, heard)
        except OSError:
            return None
        if end is not End.CUT:
            difference = ImageChops.logical_xor(picture.crop((0, 0, 1728, rows)), PICTURE.crop((0, 0, 1728, rows)))
            assert difference.getbbox() is None
        return end, rows


def shortened(one: Page, octets: int) -> Page:
    """The same with only so many octets of its data."""
    return Page(one.tags, [one.strips[0][:octets]])


@pytest.mark.parametrize("order", MIRRORED.values(), ids=MIRRORED)
@pytest.mark.parametrize("coding", CODINGS)
def test_whole(coding: str, order: int, heard: Callable[[], bytes]) -> None:
    """A page that is whole is called whole, with an end mark or without."""
    one = page(coding, t266=order)

    assert (End.WHOLE, 300) == judged(one, heard)


@pytest.mark.parametrize("coding", CODINGS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0.02, 0.97))
def test_cut(coding: str, share: float, heard: Callable[[], bytes]) -> None:
    """A page that breaks off in its picture is not called whole; between two lines of Group 3 it ends in order."""
    one = page(coding)
    found = judged(shortened(one, int(len(one.strips[0]) * share)), heard)

    assert found is None or found[0] is End.CUT or (found[0] is End.SHORT and coding.startswith("group 3"))


@pytest.mark.parametrize("coding", ["group 3", "group 3, fill bits", "group 3, two-dimensional"])
def test_cut_in_a_line(coding: str, heard: Callable[[], bytes]) -> None:
    """Group 3 that breaks off within a line is cut, wherever in the line that is; between two lines it is short."""
    one = page(coding)
    begin = len(one.strips[0]) // 2
    found = [judged(shortened(one, octets), heard) for octets in range(begin, begin + 150)]
    short = [ending[1] for ending in found if ending is not None and ending[0] is End.SHORT]

    assert 1 < len(set(short)) < len(short) + 1 < 60


@pytest.mark.parametrize(
    ("one", "rows"),
    [
        (page("group 4"), 300),
        (Page(page("group 3").tags, [page("group 3").strips[0] + RETURN_TO_CONTROL]), 300),
    ],
)
def test_end_mark(one: Page, rows: int, heard: Callable[[], bytes]) -> None:
    """A page that claims to be longer than it is, with a mark at its end, ends there."""
    longer = Page({**one.tags, 257: 500, 278: 500}, one.strips)

    assert (End.SHORT, rows) == judged(longer, heard)


def test_without_end_mark(heard: Callable[[], bytes]) -> None:
    """Without its end mark a page in Group 4 is whole as long as it is as long as it says."""
    one = page("group 4")
    bare = shortened(one, len(one.strips[0]) - 3)
    longer = Page({**bare.tags, 257: 500, 278: 500}, bare.strips)
    whole, cut = judged(bare, heard), judged(longer, heard)

    assert (End.WHOLE, 300) == whole
    assert cut is not None
    assert End.CUT is cut[0]
