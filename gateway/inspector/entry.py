"""The drawing of what stands in one field of a form. Runs in the child process only.

A fax needs neither the colour nor the font that the form asks for.
"""

import textwrap

from pikepdf import Dictionary, Name, Pdf, Stream

from gateway.inspector.letters import WIDTH, Typeface, plain, typeface

SIZES = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0)
"""Points that are tried, until the text fits."""

LONGEST = 20_000
"""Letters of an entry; a page of the smallest has no more."""

_LINE = 1.2  # height of a line, in the size of its letters
_MARGIN = 2.0
_HALF = 2


def drawing(pdf: Pdf, text: str, box: tuple[float, float], *, many_lines: bool, cells: int) -> Stream:
    """Draw an entry.

    Args:
        pdf: where the drawing will be used.
        text: what stands in the field.
        box: its width and height in points.
        many_lines: whether the text may be broken into lines.
        cells: into how many equal cells its letters go, one each; 0: it has none.

    Raises:
        LackingError: it has letters that cannot be set.
        ValueError: it does not fit.
    """
    if len(text) > LONGEST:
        raise ValueError("is too long for any field")
    text = plain(text)
    face = typeface(pdf, text)
    octets = _cells(text, box, cells, face) if cells else _lines(text, box, face, many_lines=many_lines)
    return pdf.make_stream(
        b"/Tx BMC q BT 0 g\n%s\nET Q EMC" % octets,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, *box],
        Resources=Dictionary(Font=Dictionary(F=face.font)),
    )


def _lines(text: str, box: tuple[float, float], face: Typeface, *, many_lines: bool) -> bytes:
    width, height = box
    for size in SIZES:
        letters = int((width - 2 * _MARGIN) / (size * WIDTH))
        lines = _broken(text, letters) if many_lines else [" ".join(text.split())]
        if letters > 0 and max(map(len, lines)) <= letters and len(lines) * size * _LINE <= height:
            top = height - size * _LINE if many_lines else (height - size) / _HALF + size * (1 - WIDTH) / _HALF
            shown = b"\n".join(b"%s Tj T*" % face.shown(line) for line in lines)
            return b"/F %.1f Tf %.2f TL %.2f %.2f Td\n%s" % (size, size * _LINE, _MARGIN, top, shown)
    raise ValueError("does not fit into its field")


def _broken(text: str, letters: int) -> list[str]:
    wrap = textwrap.TextWrapper(max(letters, 1))
    return [line for paragraph in text.splitlines() for line in wrap.wrap(paragraph) or [""]]


def _cells(text: str, box: tuple[float, float], cells: int, face: Typeface) -> bytes:
    width, height = box[0] / cells, box[1]
    size = min(SIZES[0], height / _LINE, width / WIDTH)
    if len(text) > cells or size < SIZES[-1]:
        raise ValueError("does not fit into its cells")
    side, bottom = (width - size * WIDTH) / _HALF, (height - size) / _HALF + size * (1 - WIDTH) / _HALF
    places = ((letter, number * width + side) for number, letter in enumerate(text))
    shown = b"\n".join(b"1 0 0 1 %.2f %.2f Tm %s Tj" % (left, bottom, face.shown(letter)) for letter, left in places)
    return b"/F %.1f Tf\n%s" % (size, shown)
