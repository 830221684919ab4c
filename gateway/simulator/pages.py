"""How many pages a file has, cheaply estimated, and pages of our own making. The simulator converts nothing."""

import re
import struct

_PDF_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_MANY = 10_000
_IFD_ENTRY = 12


def count(content: bytes, media_type: str) -> int:
    """Estimate the pages of a file: for PDF and TIFF what a quick look shows, otherwise 1; never less than 1."""
    if media_type == "application/pdf":
        return max(1, len(_PDF_PAGE.findall(content)))
    if media_type == "image/tiff":
        return max(1, _directories(content))
    return 1


def _directories(content: bytes) -> int:
    """Count the image file directories of a TIFF (TIFF 6.0, section 2)."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(content[:4])
    seen: set[int] = set()
    offset = struct.unpack_from(f"{order}L", content, 4)[0] if order and len(content) >= 8 else 0  # noqa: PLR2004  # the header's size
    while 0 < offset <= len(content) - 2 and offset not in seen and len(seen) < _MANY:
        seen.add(offset)
        entries = struct.unpack_from(f"{order}H", content, offset)[0]
        after = offset + 2 + entries * _IFD_ENTRY
        offset = struct.unpack_from(f"{order}L", content, after)[0] if after <= len(content) - 4 else 0
    return len(seen)


def printed(lines: list[str]) -> bytes:
    """A one-page PDF with these lines of text."""
    text = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    drawn = f"BT /F1 11 Tf 15 TL 60 780 Td\n{text}ET".encode("latin-1", "replace")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    return _assembled(objects)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _assembled(objects: list[bytes]) -> bytes:
    """Number the objects and write the cross-reference table (ISO 32000-1, 7.5)."""
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, b"".join(places))
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    return content + table + trailer
