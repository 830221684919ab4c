"""How large the pages of a PDF are, and posters brought to the size of paper. Runs in the child process only."""

from pikepdf import Dictionary, Name, Page, Pdf, Rectangle

from gateway.inspector.unfit import DAMAGED, UnfitError

LARGEST = 2400.0
"""Points of a side beyond which a page is a poster; A1, the largest sheet that we pass on, has 2384."""

SHEET = (595.0, 792.0)
"""Points: what both A4 and US letter have room for."""

_SMALLEST = 1.0
_QUARTER, _WHOLE = 90, 180  # degrees


def size_of(page: Page) -> tuple[float, float]:
    """Width and height of a page as it is seen, in points.

    Raises:
        UnfitError: it has none.
    """
    box = page.cropbox
    left, bottom, right, top = (float(side) for side in box)
    unit: float = float(page.obj.get(Name.UserUnit, 1))
    width, height = abs(right - left) * unit, abs(top - bottom) * unit
    if min(width, height) < _SMALLEST:
        raise UnfitError(DAMAGED)
    turned: bool = int(page.rotation) % _WHOLE == _QUARTER
    return (height, width) if turned else (width, height)


def shrink_posters(pdf: Pdf, sizes: list[tuple[float, float]]) -> tuple[int, ...]:
    """Scale each page that is larger than `LARGEST` to a sheet of paper, whole and in its proportions.

    A fax machine would do nothing else with it; but what draws it for the machine may fail over its size.

    Args:
        pdf: the document, changed in place.
        sizes: of its pages; likewise.

    Returns:
        The numbers of the pages that were scaled, from 1.
    """
    posters = [place for place, size in enumerate(sizes) if max(size) > LARGEST]
    if posters:
        pdf.flatten_annotations("print")
    for place in posters:
        sizes[place] = _sheet_for(sizes[place])
        _shrink(pdf, place, sizes[place])
    return tuple(place + 1 for place in posters)


def _sheet_for(size: tuple[float, float]) -> tuple[float, float]:
    return SHEET if size[0] <= size[1] else SHEET[::-1]


def _shrink(pdf: Pdf, place: int, size: tuple[float, float]) -> None:
    """Put a page as a drawing on a new sheet; qpdf reads the old one when it writes, so that must stay as it is."""
    drawing = pdf.pages[place].as_form_xobject()
    sheet = pdf.add_blank_page(page_size=size)
    placed = sheet.calc_form_xobject_placement(drawing, Name.P, Rectangle(0, 0, *size))
    sheet.obj.Resources = Dictionary(XObject=Dictionary(P=drawing))
    sheet.obj.Contents = pdf.make_stream(placed)
    pdf.pages.insert(place, sheet)
    del pdf.pages[place + 1]
    del pdf.pages[-1]
