"""Pictures that are pages, and pictures that are logos."""

from io import BytesIO

import pytest
from PIL import Image

from gateway.message.picture import LOGO, is_page
from gateway.message.signature import HEAD


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
@pytest.mark.parametrize(
    ("size", "expected"),
    [((1, 1), False), ((LOGO - 1, LOGO - 1), False), ((LOGO, 20), True), ((20, LOGO), True), ((1700, 2200), True)],
)
def test_sizes(format_: str, size: tuple[int, int], *, expected: bool) -> None:
    """The size stands in the first bytes of what a real program writes."""
    octets = BytesIO()
    Image.new("L", size, 255).save(octets, format_)

    assert expected is is_page(octets.getvalue()[:HEAD])


def test_size_behind_a_preview() -> None:
    """A photo whose size stands further behind is taken for a page."""
    octets = BytesIO()
    Image.new("L", (10, 10)).save(octets, "JPEG", comment=b"x" * 2 * HEAD)

    assert is_page(octets.getvalue()[:HEAD])


@pytest.mark.parametrize("head", [b"", b"GIF89a", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n"])
def test_others(head: bytes) -> None:
    """Other kinds of pictures, and what breaks off, are no pages."""

    assert not is_page(head)
