"""What people read: text and HTML, the picture that the HTML shows, and beside them what is attached."""

from collections.abc import Sequence
from email.message import MIMEPart

from gateway.notice.library import Library
from gateway.notice.mail import POLICY, join, text_part
from gateway.notice.page import Page


def human(
    library: Library, shown: Page, boundary: str, attached: Sequence[MIMEPart], picture: bytes | None
) -> MIMEPart:
    """Write it.

    Args:
        library: has the templates.
        shown: what they show.
        boundary: what only this mail knows; the same at every retry.
        attached: stands behind the text.
        picture: a PNG that the page names by its Content-ID; left out where a template does not show it.
    """
    text, html = (library.render(name, shown) for name in ("mail.txt", "mail.html"))
    looks = text_part(html, "html")
    if picture is not None and shown.picture and shown.picture in html:
        looks = _with_picture(looks, picture, shown.picture, boundary)
    alternative = MIMEPart(policy=POLICY)
    join(alternative, [text_part(text), looks], "alternative", f"{boundary}.1")
    if not attached:
        return alternative
    mixed = MIMEPart(policy=POLICY)
    join(mixed, [alternative, *attached], "mixed", f"{boundary}.2")
    return mixed


def attachment(name: str, content: bytes) -> MIMEPart:
    """Make an attachment of a file whose ending says what it is."""
    part = MIMEPart(policy=POLICY)
    part.set_content(content, "application", name.rpartition(".")[2], filename=name)
    return part


def _with_picture(html: MIMEPart, picture: bytes, id: str, boundary: str) -> MIMEPart:
    """The page and what it shows are one thing (RFC 2387); nothing is fetched from anywhere (RFC 2392)."""
    image = MIMEPart(policy=POLICY)
    image.set_content(picture, "image", "png", disposition="inline", cid=f"<{id}>")
    related = MIMEPart(policy=POLICY)
    join(related, [html, image], 'related; type="text/html"', f"{boundary}.3")
    return related
