"""Which pages have nothing on them."""

import pytest
from pikepdf import Array, Dictionary, Name

from gateway.inspector.blank import SHORT, is_blank
from tests.documents import letter

INLINE = b"q 10 0 0 10 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x00 EI Q"


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        (b"", True),
        (b" \n", True),
        (b"q 1 0 0 1 0 0 cm 0 g Q % nothing Tj", True),
        (b"0 0 99 99 re W n", True),
        (b"BT /F 12 Tf ET", True),
        (b"BT /F 12 Tf (x) Tj ET", False),
        (b"0 0 99 99 re f*", False),
        (b"/P Do", False),
        (INLINE, False),
        (b"(unended", True),
        (b"% " + b"x" * SHORT, False),
    ],
    ids=["empty", "spaces", "state", "clip", "no text", "text", "area", "drawing", "inline", "unended", "much"],
)
def test_contents(contents: bytes, expected: bool) -> None:  # noqa: FBT001  # a table of cases
    """A page is blank if nothing is painted; much contents are taken to paint something."""
    pdf = letter(1)
    pdf.pages[0].obj.Contents = pdf.make_stream(contents)

    assert expected == is_blank(pdf.pages[0], len(contents))


def test_annotation() -> None:
    """A page with a note on it is not blank."""
    pdf = letter(1)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"")
    pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Stamp, Rect=[0, 0, 9, 9])])

    assert not is_blank(pdf.pages[0], 0)
