"""Whether nothing is on the page of a PDF. Runs in the child process only."""

from pikepdf import Array, Name, Page, PdfError, parse_content_stream

SHORT = 1000
"""Octets of contents beyond which a page is taken to show something; reading all would cost more than it tells."""

# ISO 32000-1, table 51; INLINE IMAGE is what pikepdf makes of a picture within the contents.
_PAINTING = frozenset(
    {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "Do", "Tj", "TJ", "'", '"', "EI", "INLINE IMAGE"}
)


def is_blank(page: Page, size: int) -> bool:
    """Whether a page shows nothing: neither an annotation nor anything that its contents paint.

    Args:
        page: the page.
        size: octets of its contents, decoded.
    """
    annotations = page.obj.get(Name.Annots)
    if size > SHORT or (isinstance(annotations, Array) and len(annotations)):
        return False
    if not size:
        return True
    try:
        return not any(str(instruction.operator) in _PAINTING for instruction in parse_content_stream(page))
    except (PdfError, TypeError):  # an operator where none may be
        return False
