"""Forms in a PDF: what stands in them is drawn, where only a viewer would have drawn it. Runs in the child only."""

import re

from pikepdf import AcroForm, AcroFormField, Annotation, Array, Dictionary, Name, Object, Page, Pdf, Stream

from gateway.inspector.entry import drawing
from gateway.inspector.letters import LackingError
from gateway.inspector.unfit import UnfitError

_PLEASE_WAIT = re.compile(rb"Please wait|replaced with the proper contents")
_DYNAMIC_FORM = re.compile(rb"<dynamicRender>\s*required")
_HIDDEN = 2 | 32  # invisible to all; not shown (ISO 32000-1, table 165)
_MANY_LINES, _COMB = 1 << 12, 1 << 24  # of a text field (table 228)
_NOT_DRAWN = UnfitError("is a form with entries that cannot be drawn; print it to PDF and send that")


def refuse_dynamic(pdf: Pdf, first: bytes) -> None:
    """Refuse what is drawn by Adobe's programs alone; all others show its only page: "Please wait".

    Args:
        pdf: the document.
        first: the contents of its first page.

    Raises:
        UnfitError: it is such a form.
    """
    form = pdf.Root.get(Name.AcroForm)
    if not isinstance(form, Dictionary) or Name.XFA not in form:
        return
    unrendered: object = pdf.Root.get(Name.NeedsRendering)
    if unrendered is True or _PLEASE_WAIT.search(first) or _draws_itself(form.XFA):
        raise UnfitError('is a form that only Adobe\'s programs can show ("Please wait"); print it to PDF from there')


def _draws_itself(form: Object) -> bool:
    packets = form if isinstance(form, Array) else [form]
    return any(isinstance(packet, Stream) and _DYNAMIC_FORM.search(packet.read_bytes()) for packet in packets)


def draw_entries(pdf: Pdf) -> bool:
    """Give the filled-in fields of a form an appearance, where they have none or the form says that it is out of date.

    Returns:
        Whether anything was drawn.

    Raises:
        UnfitError: something stands in a field and cannot be drawn.
    """
    if not isinstance(pdf.Root.get(Name.AcroForm), Dictionary):
        return False
    form = pdf.acroform
    drawn = [_draw(pdf, *widget) for page in pdf.pages for widget in _undrawn(form, page)]
    if form.needs_appearances:
        form.needs_appearances = False
    return any(drawn)


def _undrawn(form: AcroForm, page: Page) -> list[tuple[AcroFormField, Annotation]]:
    return [
        (field, widget)
        for widget in form.get_widget_annotations_for_page(page)
        if (form.needs_appearances or Name.AP not in widget.obj)
        and not int(widget.flags) & _HIDDEN
        and _filled_in(field := form.get_field_for_annotation(widget))
    ]


def _filled_in(field: AcroFormField) -> bool:
    if field.is_text or field.is_choice:
        return bool(field.value_as_string)
    return (field.is_checkbox or field.is_radio_button) and field.value not in (None, Name.Off)


def _draw(pdf: Pdf, field: AcroFormField, widget: Annotation) -> bool:
    """Draw an entry. A box that is ticked looks as its form says; without that nobody knows how."""
    if not (field.is_text or field.is_choice):
        if Name.AP not in widget.obj:
            raise _NOT_DRAWN
        return False
    box = widget.rect.width, widget.rect.height
    flags = int(field.flags)
    longest = field.get_inheritable_field_value("/MaxLen")
    cells = int(longest) if flags & _COMB and longest is not None else 0
    try:
        drawn = drawing(pdf, field.value_as_string, box, many_lines=bool(flags & _MANY_LINES), cells=cells)
    except LackingError as letters:
        raise UnfitError(
            f"is a form with letters that cannot be drawn here ({letters}); print it to PDF and send that"
        ) from None
    except ValueError:
        raise _NOT_DRAWN from None
    widget.obj.AP = Dictionary(N=drawn)
    return True
